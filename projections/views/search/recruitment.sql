-- Recruitment of an entry as it can be relied on, on the day asked for.
            case
                when recruits_until > %(day)s::date then 'recruiting'
                when invites_until > %(day)s::date then 'by_invitation'
                when begins_until > %(day)s::date then 'not_yet'
                else recruitment
            end
