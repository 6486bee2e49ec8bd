-- Entries that may have all the terms anywhere, or go by the number asked for. `rank` is the higher the more terms stand
-- in titles and conditions. Not `sure` is what has all words of a phrase, perhaps in another order.
term as (
    select *
    from unnest(%(loose)s::tsquery[], %(starts)s::tsquery[]) with ordinality as asked (loose, start, number)
),

-- Registrations that have all the terms, and how many of them in titles and conditions.
whole as (
    select wording, count(number) as titled
    from (
        select wording, null::bigint as number
        from search_words where part = 0 and words @@ %(all)s::tsquery
        union all
        select words.wording, term.number
        from term cross join lateral (
            select wording
            from search_words where part = 0 and words @@ %(all)s::tsquery and titles @@ term.start
        ) as words
    ) as found
    group by wording
),

-- Which terms stand beside the registration: in its numbers, its sites, or what one vector could not hold.
stands_beside as (
    select words.wording, term.number
    from term cross join lateral (select wording from search_words where part > 0 and words @@ term.loose) as words
),

aside as (
    select trial, version, wording, array_agg(distinct number order by number) as numbers
    from (
        select search.*, number from stands_beside join search on search.beside = stands_beside.wording
        union all
        select search.*, number from stands_beside join search on search.wording = stands_beside.wording
    ) as search
    where
        -- filters.sql
    group by trial, version, wording
),

-- Entries that have some terms there and all the others, if any, in the registration.
mixed as (
    select aside.trial, aside.version, aside.wording
    from
        (select distinct numbers from aside) as known
        cross join lateral (
            select wording
            from search_words
            where
                part = 0
                and words @@ (
                    select string_agg('(' || loose::text || ')', ' & ')::tsquery
                    from term where number <> all (known.numbers)
                )
        ) as others
        join aside on aside.wording = others.wording and aside.numbers = known.numbers
    union all
    select trial, version, wording from aside where cardinality(numbers) = (select count(*) from term)
),

candidate as not materialized (
    select
        trial, version, since, search.wording, beside, false as known,
        (1 + titled)::float8 / (1 + %(terms)s) as rank, not %(phrased)s or titled = %(terms)s as sure
    from whole join search on search.wording = whole.wording
    where
        not identifiers @> array[%(number)s::text]
        and -- filters.sql
    union all
    select
        search.trial, search.version, since, search.wording, beside, false,
        (
            select 1 + count(*)
            from term join search_words as words on words.titles @@ term.start
            where words.wording = search.wording and part = 0
        )::float8 / (1 + %(terms)s),
        not %(phrased)s
    from mixed join search on search.trial = mixed.trial and search.version = mixed.version
    where
        mixed.wording not in (select wording from whole) and not identifiers @> array[%(number)s::text]
    union all
    select trial, version, since, wording, beside, true, 0, true
    from search
    where
        identifiers @> array[%(number)s::text]
        and -- filters.sql
),
