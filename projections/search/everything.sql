-- Every entry, where no words are asked for.
candidate as not materialized (
    select trial, version, newest, since, wording, beside, 0 as known, 0::float8 as rank, true as sure,
        coalesce(recruits_until > %(day)s::date, false) as open
    from search
    where
        -- filters.sql
),
