-- Entries that go by the number asked for.
    select trial, version, since, wording, beside, true, 0, true
    from search
    where
        identifiers @> array[%(number)s::text]
        and -- filters.sql
