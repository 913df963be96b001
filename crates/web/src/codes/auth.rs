//! Problems of auth.

use super::codes;

codes! {
    INVALID_CREDENTIALS "auth.invalid_credentials" Authentication 401 "The address or the password is wrong."
        "The same for unknown addresses and for wrong passwords.";
    EMAIL_NOT_VERIFIED "auth.email_not_verified" Authorization 403 "The address is not verified yet."
        "Open the link in the mail, or ask for another one with `resendVerification`.";
    ACCOUNT_DEACTIVATED "auth.account_deactivated" Authorization 403 "The account is deactivated."
        "It has to be reactivated before anybody can log in.";
    ACCOUNT_PENDING_DELETION "auth.account_pending_deletion" Authorization 403 "The account is about to be deleted."
        "Take the deletion back while its grace lasts.";
    ACCOUNT_SUSPENDED "auth.account_suspended" Authorization 403 "The account was closed by an administrator."
        "Only an administrator can open it again.";
    ACCOUNT_STATE "auth.account_state" Conflict 409 "The account is not in a state for this."
        "It is open, closed or about to be deleted already, or was never proved. `detail` says which.";
    DELETION_DUE "auth.deletion_due" Conflict 409 "The deletion can no longer be taken back."
        "Its grace is over, and the erasure has begun.";
    LAST_ADMIN "auth.last_admin" Conflict 409 "A workspace would have no administrator."
        "The account is the only active ADMIN of a workspace that others belong to. Make somebody else one first.";
    OWN_ACCOUNT "auth.own_account" Conflict 409 "That is your own account."
        "Administrators do not close their own account by operations on others.";
    ADDRESS_TAKEN "auth.address_taken" Conflict 409 "The address has an account."
        "Each address belongs to one account at most.";
    RESTORE_TOKEN_INVALID "auth.restore_token_invalid" Validation 422 "The link does not work."
        "The token is unknown, was used already, or the account was opened since it was mailed.";
    RESTORE_TOKEN_EXPIRED "auth.restore_token_expired" Validation 422 "The link is too old."
        "Open the account with its address and password.";
    REFRESH_TOKEN_INVALID "auth.refresh_token_invalid" Authentication 401 "The refresh token is no good."
        "It was not issued here, has expired, or its session has ended. Log in again.";
    REFRESH_TOKEN_REUSED "auth.refresh_token_reused" Authentication 401 "The refresh token was used before."
        "Somebody else may have a copy, so the session was ended everywhere. Log in again.";
    VERIFICATION_TOKEN_INVALID "auth.verification_token_invalid" Validation 422 "The link does not work."
        "The token is unknown, was used already, or another link of the same account was used.";
    VERIFICATION_TOKEN_EXPIRED "auth.verification_token_expired" Validation 422 "The link is too old."
        "Ask for another one with `resendVerification`.";
    API_KEY_LIMIT "auth.api_key_limit" Conflict 409 "There are too many API keys."
        "A person, and a workspace, has at most 20 at a time. Revoke one that is not needed.";
    RESET_TOKEN_INVALID "auth.reset_token_invalid" Validation 422 "The link does not work."
        "The token is unknown, was used already, or the password was changed since it was mailed.";
    RESET_TOKEN_EXPIRED "auth.reset_token_expired" Validation 422 "The link is too old."
        "Ask for another one with `requestPasswordReset`.";
    CHANGE_TOKEN_INVALID "auth.change_token_invalid" Validation 422 "The link does not work."
        "The token is unknown, was used already, or another address was asked for since it was mailed.";
    CHANGE_TOKEN_EXPIRED "auth.change_token_expired" Validation 422 "The link is too old."
        "Ask for another one with `changeEmail`.";
    EMAIL_TAKEN "auth.email_taken" Conflict 409 "The address has an account."
        "Somebody opened an account with it since the link was mailed. Nothing was changed.";
    MAGIC_LINK_INVALID "auth.magic_link_invalid" Validation 422 "The link does not work."
        "The token is unknown, was used already, or a newer one was mailed.";
    MAGIC_LINK_EXPIRED "auth.magic_link_expired" Validation 422 "The link is too old."
        "Ask for another one with `requestMagicLink`.";
    PROVIDER_ABSENT "auth.provider_absent" Resource 404 "There is no such way to sign in."
        "No identity provider is set up here.";
    PROVIDER_UNAVAILABLE "auth.provider_unavailable" Dependency 503 "The identity provider does not answer."
        "Or not as it must. Begin again in a moment, or log in another way.";
    SIGN_IN_INVALID "auth.sign_in_invalid" Validation 422 "The sign-in cannot be finished."
        "It was begun in another browser, more than ten minutes ago, or is finished. Begin again.";
    SIGN_IN_REFUSED "auth.sign_in_refused" Authorization 403 "The identity provider let nobody in."
        "The person turned back there, or the provider refused.";
    IDENTITY_TOKEN_INVALID "auth.identity_token_invalid" Authentication 401 "What the identity provider said does not hold."
        "Its token is not signed by it, not for us, not of this sign-in, or out of date.";
    IDENTITY_UNPROVED "auth.identity_unproved" Authorization 403 "The identity provider has not proved the address."
        "An account is opened for a proved address only. Prove it there, or register with a password.";
    IDENTITY_CONFLICT "auth.identity_conflict" Conflict 409 "The account belongs to somebody else at the identity provider."
        "Another account of that provider opens it. Log in another way, and remove that one first.";
    LAST_WAY_IN "auth.last_way_in" Conflict 409 "It is the last way into the account."
        "Set a password or link another provider first.";
    PASSWORD_WRONG "auth.password_wrong" Authorization 403 "The password is wrong."
        "The operation asks for the present password again, and this is not it.";
    IMAGE_UNSUPPORTED "auth.image_unsupported" Validation 415 "The file is no picture of a known kind."
        "By its content it is not a JPEG, PNG or WebP; what its headers or its name say does not count.";
    IMAGE_BROKEN "auth.image_broken" Validation 422 "The picture cannot be read."
        "It is empty, ends too early, or is damaged.";
    IMAGE_POLYGLOT "auth.image_polyglot" Validation 422 "The file is more than a picture."
        "Something else follows the picture or is hidden in it, such as an archive or a page.";
    IMAGE_TOO_LARGE "auth.image_too_large" Validation 422 "The picture has too many pixels."
        "A side may have 8,000 pixels, and the whole 40 million.";
    IMAGES_BUSY "auth.images_busy" System 503 "Too many pictures arrive at this moment."
        "They are read a few at a time on purpose. Try again as `Retry-After` says.";
    CHALLENGE_INVALID "auth.challenge_invalid" Authentication 401 "The log-in has to begin again."
        "Nobody waits for this answer: it was given already, it came too late, or the password was changed meanwhile.";
    SECOND_FACTOR_INVALID "auth.second_factor_invalid" Authentication 401 "The second factor does not hold."
        "The code is wrong or was used before, or the passkey is not one of this account.";
    SECOND_FACTOR_WRONG "auth.second_factor_wrong" Authorization 403 "The second factor does not hold."
        "The code is wrong or was used before, or the passkey is not one of this account.";
    SECOND_FACTOR_NEEDED "auth.second_factor_needed" Authorization 403 "The password alone is not enough."
        "The account has a second factor: show a code, a recovery code or a passkey.";
    SECOND_FACTOR_LOCKED "auth.second_factor_locked" RateLimit 429 "There were too many wrong codes."
        "Not even a right one is taken before `Retry-After`. A passkey still is.";
    SECOND_FACTOR_MISSING "auth.second_factor_missing" Conflict 409 "There is no second factor."
        "Recovery codes stand in for an authenticator app or a passkey; set one up first.";
    TOTP_EXISTS "auth.totp_exists" Conflict 409 "There is an authenticator app."
        "An account has at most one. Remove it first.";
    TOTP_NOT_BEGUN "auth.totp_not_begun" Conflict 409 "No authenticator app waits for a code."
        "Begin with `beginTotp`; a secret that is not confirmed within an hour is forgotten.";
    TOTP_CODE_WRONG "auth.totp_code_wrong" Validation 422 "The code is wrong."
        "It is not what the app shows now. Check the clock of the device.";
    PASSKEY_INVALID "auth.passkey_invalid" Authentication 401 "The passkey does not open anything here."
        "It is not known, or does not answer what it was asked. Begin again with `beginPasskeySignIn`.";
    PASSKEY_REFUSED "auth.passkey_refused" Validation 422 "The passkey cannot be registered."
        "It does not answer what it was asked, or not as it must; `detail` says what. Begin again with `beginPasskey`.";
    PASSKEY_EXISTS "auth.passkey_exists" Conflict 409 "The passkey is known already."
        "A passkey belongs to one account and is registered once.";
    PASSKEY_LIMIT "auth.passkey_limit" Conflict 409 "There are too many passkeys."
        "An account has at most 20. Remove one that is not needed.";
    EXPORT_UNAVAILABLE "auth.export_unavailable" Dependency 503 "Not everything can be told at this moment."
        "A service did not tell what it holds of the caller, and an export is whole or none. Try again as `Retry-After` says.";
    BUSY "auth.busy" System 503 "Too many are logging in at this moment."
        "Hashing passwords is limited on purpose. Try again as `Retry-After` says.";
}
