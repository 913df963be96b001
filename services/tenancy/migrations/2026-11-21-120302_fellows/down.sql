CREATE POLICY asked ON people FOR SELECT
    USING (email_key = NULLIF(current_setting('witan.asked_email', true), ''));
