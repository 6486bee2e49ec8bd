-- Whether each phrase stands in words that hold with the entry.
        not exists (
            select from unnest(%(phrases)s::tsquery[]) as phrase
            where
                not exists (select from search_words where wording = ordered.wording and words @@ phrase)
                and not exists (
                    select from search_beside
                    where wording in (ordered.wording, ordered.beside) and words @@ phrase
                )
        )
