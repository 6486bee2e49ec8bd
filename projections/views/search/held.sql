-- As of a moment, in the place of what holds now. Its partition, where it has one, is asked by offset.
search as not materialized (
    select *
    from search
    where case when partition = %(partition)s then since_offset <= %(offset)s else since <= %(moment)s end
    union all
    select trial, version, partition, since, since_offset, newest, wording, beside, public, owner, own, home, identifiers, borne,
        authorisation, recruitment, recruits_until, invites_until, begins_until, sites_until, study_type, phase, sex, aim,
        countries, ages, first_enrolment
    from search_past
    where
        case
            when partition = %(partition)s then since_offset <= %(offset)s and until_offset > %(offset)s
            else since <= %(moment)s and until > %(moment)s
        end
),
