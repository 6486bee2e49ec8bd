-- Entries that may have all the terms anywhere, or go by the number asked for. `rank` is the higher the more terms stand
-- in titles and conditions. Not `sure` is what has all words of a phrase, perhaps in another order. `(select …)`
-- and `offset 0` are there for the same reason as in titles.sql: the index is to be asked, for each term.
term as (
    select *
    from unnest(%(loose)s::tsquery[], %(starts)s::tsquery[]) with ordinality as asked (loose, start, number)
),

-- Registrations that have all the terms, and how many of them in titles and conditions.
whole as (
    select wording, count(number) as titled
    from (
        select wording, null::bigint as number
        from search_words where words @@ (select %(all)s::tsquery)
        union all
        select words.wording, term.number
        from term cross join lateral (
            select wording
            from search_words where words @@ (select %(all)s::tsquery) and titles @@ term.start
            offset 0
        ) as words
    ) as found
    group by wording
),

-- Which of the terms stand beside the registration, in its numbers or its sites.
aside as (
    select words.wording as beside, array_agg(distinct term.number) as numbers
    from term cross join lateral (select wording from search_beside where part > 0 and words @@ term.loose) as words
    group by words.wording
),

-- Entries that have some terms there and all the others, if any, in the registration; and, term by term, those whose
-- registration is too long for one vector.
mixed as (
    select search.trial, search.version, search.wording
    from
        (select distinct numbers from aside) as known
        cross join lateral (
            select wording
            from search_words
            where words @@ (
                select string_agg('(' || loose::text || ')', ' & ')::tsquery
                from term where number <> all (known.numbers)
            )
            offset 0
        ) as others
        join search on search.wording = others.wording
        join aside on aside.beside = search.beside and aside.numbers = known.numbers
    union
    select trial, version, wording
    from aside join search on search.beside = aside.beside
    where cardinality(numbers) = %(terms)s
    union
    select search.trial, search.version, search.wording
    from
        (
            select distinct words.wording
            from term cross join lateral (
                select wording from search_beside where part < 0 and words @@ term.loose offset 0
            ) as words
        ) as long
        join search on search.wording = long.wording
        cross join lateral (
            select words from search_words where wording = search.wording
            union all
            select words from search_beside where wording in (search.wording, search.beside)
        ) as parts
        join term on parts.words @@ term.loose
    group by search.trial, search.version, search.wording
    having count(distinct term.number) = %(terms)s
),

candidate as not materialized (
    select
        trial, version, newest, since, search.wording, beside, 0 as known,
        (1 + titled)::float8 / (1 + %(terms)s) as rank, titled = %(terms)s as sure,
        coalesce(recruits_until > %(day)s::date, false) as open
    from whole join search on search.wording = whole.wording
    where
        not identifiers @> array[%(number)s::text]
        and -- filters.sql
    union all
    select
        search.trial, search.version, newest, since, search.wording, beside, 0,
        (
            select 1 + count(*)
            from term join search_words as words on words.titles @@ term.start
            where words.wording = search.wording
        )::float8 / (1 + %(terms)s),
        false,
        coalesce(recruits_until > %(day)s::date, false)
    from mixed join search on search.trial = mixed.trial and search.version = mixed.version
    where
        mixed.wording not in (select wording from whole) and not identifiers @> array[%(number)s::text]
        and -- filters.sql
    union all
    -- numbered.sql
),
