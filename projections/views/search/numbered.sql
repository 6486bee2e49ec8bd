-- Entries that go by the number asked for: ours of this number (3), those whose registry gave it to them (2), and last
-- those that only claim it (1), which anybody can.
    select
        trial, version, newest, since, wording, beside,
        case
            when own and identifiers[1] = %(number)s::text then 3
            when array_position(identifiers, %(number)s::text) <= borne then 2
            else 1
        end,
        0, true, coalesce(recruits_until > %(day)s::date, false)
    from search
    where
        identifiers @> array[%(number)s::text]
        and -- filters.sql
