-- Up to a moment: of the position's own partition by offset, of others by recorded time. Part of the others' where
-- clauses, but left out of reads as of now: planning it takes longer than the rest of such a read.
    and (%(recorded)s::timestamptz is null or recorded <= %(recorded)s)
    and (
        %(partition)s::integer is null
        or case
            when partition = %(partition)s then "offset" <= %(offset)s
            else recorded <= (
                select recorded from history as others
                where others.partition = %(partition)s and others."offset" <= %(offset)s
                order by others."offset" desc limit 1
            )
        end
    )
