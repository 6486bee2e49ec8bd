-- The columns of `Entry` in shape.py, in its order; raise SHAPE there when they change.
select
    trial, version, partition, since, since_offset, until, until_offset, newest, public, owner, own, home, identifiers,
    borne, authorisation, recruitment, recruits_until, invites_until, begins_until, sites_until, study_type, phase, sex,
    aim, countries,
    -- A limit of a thousand years excludes nobody, and fits into the number.
    case when isempty(ages * '[0,1000]') then 9223372036854775807 else (lower(ages * '[0,1000]') * 1000000)::bigint end,
    case when upper(ages) < 1000 then (upper(ages) * 1000000)::bigint end,
    case when not isempty(first_enrolment) then lower(first_enrolment) end,
    case when not isempty(first_enrolment) then upper(first_enrolment) - 1 end,
    registered, confirmed, traits, words.titles, words.conditions, words.sponsors, words.rest, beside.words
