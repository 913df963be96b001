-- What a model made of the first messages of a session, up to the number `summarised_to`: what comes later is added to it.
ALTER TABLE sessions
    ADD COLUMN summary       text,
    ADD COLUMN summarised_to integer,
    ADD COLUMN summarised    integer,
    ADD CONSTRAINT sessions_summary_check CHECK (num_nulls(summary, summarised_to, summarised) IN (0, 3));

-- Until a run has ended: what of its session is to be summarised for it, and what comes after that.
ALTER TABLE runs ADD COLUMN session_outline jsonb;
