-- Whether each phrase stands in words that hold with the entry.
        not exists (
            select from unnest(%(phrases)s::tsquery[]) as phrase
            where not exists (
                select from search_words as words
                where words.wording in (ordered.wording, ordered.beside) and words.words @@ phrase
            )
        )
