-- Trials that match all terms or go by the number asked for, and every filter: `narrowed`, with ranks in `ranked`.
-- A filter without a value does not narrow. What is asked as of a moment is matched by the entries that held then.
with
moment as (
    select
        %(partition)s::integer as partition,
        %(offset)s::bigint as "offset",
        coalesce(
            %(recorded)s::timestamptz,
            (
                select recorded from history
                where partition = %(partition)s and "offset" <= %(offset)s
                order by "offset" desc limit 1
            )
        ) as recorded
),

term as (
    select query, number from unnest(%(terms)s::tsquery[]) with ordinality as asked (query, number)
),

worded as (
    select words.trial, words.wording, sum(ts_rank(words.words, term.query)) as rank
    from term cross join lateral (
        select trial, wording, words from search_words where words @@ term.query
    ) as words
    group by words.trial, words.wording
    having count(distinct term.number) = %(least)s
),

hit as (
    select trial, wording, false as known, rank from worded
    union all
    select trial, wording, true, 0 from search where identifiers @> array[%(number)s::text]
),

ranked as (
    select trial, wording, bool_or(known) as known, max(rank) as rank from hit group by trial, wording
),

narrowed as (
    select search.* from search, moment
    where
        case
            when not %(as_of)s then until is null
            when search.partition = moment.partition
                then since_offset <= moment."offset" and (until_offset is null or until_offset > moment."offset")
            else since <= moment.recorded and (until is null or until > moment.recorded)
        end
        and (%(everything)s or public or owner = %(owner)s)
        and (%(authorisation)s::text[] is null or authorisation = any(%(authorisation)s))
        and (%(recruitment)s::text[] is null or recruitment = any(%(recruitment)s))
        and (%(phase)s::text[] is null or phase = any(%(phase)s))
        and (%(study_type)s::text[] is null or study_type = any(%(study_type)s))
        and (%(aim)s::text[] is null or aim = any(%(aim)s))
        and (%(country)s::text[] is null or countries && %(country)s)
        and (%(days)s::daterange is null or first_enrolment && %(days)s)
        and (%(ages)s::numrange is null or ages && %(ages)s)
        and (%(sex)s::text[] is null or coalesce(sex, 'unknown') = any(%(sex)s))
        and (%(home)s::text is null or home = %(home)s)
        and (%(own)s::boolean is null or own = %(own)s)
        and (%(recruiting_sites)s::boolean is null or (recruiting_sites > 0) = %(recruiting_sites)s)
        and (%(sponsor)s::tsquery is null or sponsors @@ %(sponsor)s)
        and (
            %(condition)s::tsquery[] is null
            or (
                select count(distinct asked.number) = cardinality(%(condition)s)
                from unnest(%(condition)s::tsquery[]) with ordinality as asked (query, number), search_words as words
                where
                    words.trial = search.trial and words.wording = search.wording
                    and words.words @@ asked.query
            )
        )
)
