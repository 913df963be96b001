-- Who shares no workspace with the asker is not found at all, also not by an address that the asker knows: whether it has an account is
-- nobody's business.
DROP POLICY asked ON people;
