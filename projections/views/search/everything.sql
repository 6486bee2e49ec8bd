-- Every entry, where no words are asked for, to be counted.
candidate as not materialized (
    select trial, version, wording, beside, true as sure
    from search
    where
        -- filters.sql
),
