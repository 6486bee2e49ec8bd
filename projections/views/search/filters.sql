-- Visible to the asker, and passing each filter; one without a value passes all.
        (%(everything)s or public or owner = %(owner)s)
        and (%(authorisation)s::text[] is null or authorisation = any(%(authorisation)s))
        and (
            %(recruitment)s::text[] is null
            or -- recruitment.sql
            = any(%(recruitment)s)
        )
        and (%(phase)s::text[] is null or phase = any(%(phase)s))
        and (%(study_type)s::text[] is null or study_type = any(%(study_type)s))
        and (%(aim)s::text[] is null or aim = any(%(aim)s))
        and (%(country)s::text[] is null or countries && %(country)s)
        and (%(days)s::daterange is null or first_enrolment && %(days)s)
        and (%(ages)s::numrange is null or ages && %(ages)s)
        and (%(sex)s::text[] is null or coalesce(sex, 'unknown') = any(%(sex)s))
        and (%(home)s::text is null or home = %(home)s)
        and (%(own)s::boolean is null or own = %(own)s)
        and (%(recruiting_sites)s::boolean is null or coalesce(sites_until > %(day)s::date, false) = %(recruiting_sites)s)
        and (
            %(condition)s::tsquery is null
            or search.wording in (select wording from search_words where conditions @@ (select %(condition)s::tsquery))
        )
        and (
            %(sponsor)s::tsquery is null
            or search.wording in (select wording from search_words where sponsors @@ (select %(sponsor)s::tsquery))
        )
