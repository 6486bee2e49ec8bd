-- Every entry where no words are asked for: as many of those that recruit as are counted, and as many of the others, so
-- that the index of the newest gives each part in its order. A part in which the filters find none is not read through.
candidate as not materialized (
    (
        select trial, version, newest, since, wording, beside, 0 as known, 0::float8 as rank, true as sure, true as open
        from search
        where
            %(those_that_recruit)s
            and recruits_until > %(day)s::date
            and -- filters.sql
        order by newest desc, since desc, trial
        limit %(most)s
    )
    union all
    (
        select trial, version, newest, since, wording, beside, 0, 0::float8, true, false
        from search
        where
            %(others)s
            and not coalesce(recruits_until > %(day)s::date, false)
            and -- filters.sql
        order by newest desc, since desc, trial
        limit %(most)s
    )
),
