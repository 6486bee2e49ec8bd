-- Entries whose titles and conditions have all the terms, or that go by the number asked for. PostgreSQL does not reckon
-- with what it costs to fetch a vector that is stored apart: what it can't estimate, `(select …)`, it asks an index for.
candidate as not materialized (
    select trial, version, newest, since, search.wording, beside, 0 as known, 1::float8 as rank, true as sure,
        coalesce(recruits_until > %(day)s::date, false) as open
    from search_words join search on search.wording = search_words.wording
    where
        titles @@ (select %(titles)s::tsquery) and not identifiers @> array[%(number)s::text]
        and -- filters.sql
    union all
    -- numbered.sql
),
