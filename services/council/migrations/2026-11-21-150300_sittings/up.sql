-- How a run comes to its answer, and who sits: settled when it begins, so that whoever carries it on asks the same.
ALTER TABLE runs
    ADD COLUMN mode text NOT NULL DEFAULT 'COUNCIL' CHECK (mode IN ('SINGLE', 'SELF_ENSEMBLE', 'COUNCIL', 'VOTE')),
    ADD COLUMN sitting jsonb,
    -- How a vote ended.
    ADD COLUMN vote jsonb;
-- What a member votes for.
ALTER TABLE run_members ADD COLUMN choice text;
