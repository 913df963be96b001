DROP TABLE purges;
DROP TABLE deletions;
ALTER TABLE workspaces
    DROP COLUMN deletion_requested_at,
    DROP COLUMN deletion_requested_by,
    DROP COLUMN deletion_due_at;
