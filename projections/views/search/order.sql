-- The order of what is found, by the columns of a candidate.
        known desc, rank = 1 desc, open desc, rank desc, newest desc, since desc, trial
