use super::codes;

codes! {
    UNPARSABLE "request.unparsable" Validation 400 "The request cannot be read."
        "The body is not JSON, or the request breaks the rules of HTTP.";
    QUERY_INVALID "request.query_invalid" Validation 400 "The query is not valid."
        "A query parameter is unknown, missing or has a value that it cannot have; `errors` names each.";
    HEADER_INVALID "request.header_invalid" Validation 400 "A header is not valid."
        "A header has a value that it cannot have.";
    CURSOR_INVALID "request.cursor_invalid" Validation 400 "The cursor is not valid."
        "A cursor is only good for the list and the filter that it came from. Begin again without one.";
    ROUTE_NOT_FOUND "request.route_not_found" Resource 404 "There is nothing at this address."
        "No operation has this path. Paths have no trailing slash.";
    METHOD_NOT_ALLOWED "request.method_not_allowed" Resource 405 "This address does not know the method."
        "The path exists; `Allow` lists the methods it knows.";
    NOT_ACCEPTABLE "request.not_acceptable" Validation 406 "No answer has a type that is accepted."
        "`Accept` excludes every type that the operation can answer with.";
    REQUEST_TIMEOUT "request.timeout" Validation 408 "The request took too long to arrive."
        "The body did not arrive in time.";
    BODY_TOO_LARGE "request.body_too_large" Validation 413 "The body is too large."
        "The body is larger than the operation takes.";
    MEDIA_TYPE "request.media_type" Validation 415 "The body has the wrong type."
        "The operation takes `application/json` in UTF-8, not compressed.";
    VALIDATION_FAILED "validation.failed" Validation 422 "The request was understood and is wrong."
        "`errors` names every violation with a JSON pointer to its place.";
    TOKEN_MISSING "access.token_missing" Authentication 401 "Nobody knows who is calling."
        "Send `Authorization: Bearer` with an access token, `X-API-Key` with an API key, or the cookies of a browser.";
    TOKEN_INVALID "access.token_invalid" Authentication 401 "The access token does not hold."
        "It is malformed, of another kind, for another service, or not signed by us.";
    TOKEN_EXPIRED "access.token_expired" Authentication 401 "The access token has expired."
        "Refresh it and try again.";
    SESSION_ENDED "access.session_ended" Authentication 401 "The session was ended."
        "Log in again.";
    API_KEY_INVALID "access.api_key_invalid" Authentication 401 "The API key does not hold."
        "It is not known, has ended, or was revoked. Make another one.";
    CREDENTIALS_MIXED "access.credentials_mixed" Validation 400 "Two credentials are one too many."
        "Send an access token, an API key or the cookies of a browser, and nothing of the others.";
    ORIGIN_REFUSED "access.origin_refused" Authorization 403 "A page of another site asks."
        "What changes something with cookies must come, with `Origin`, from a page that we serve.";
    CSRF_INVALID "access.csrf_invalid" Authorization 403 "The CSRF token is missing or wrong."
        "Send the value of the cookie `__Host-witan_csrf` as `X-CSRF-Token`.";
    SESSION_REQUIRED "access.session_required" Authorization 403 "It takes a log-in."
        "API keys cannot do this; log in, and send the access token.";
    SCOPE_MISSING "access.scope_missing" Authorization 403 "The API key is not for this."
        "The key lacks the scope that the operation needs, or belongs to another workspace.";
    STEP_UP_REQUIRED "access.step_up_required" Authorization 403 "Prove again who you are."
        "The operation asks for a fresh proof. Call `stepUp` and repeat the request with the new access token.";
    SECOND_FACTOR_REQUIRED "access.second_factor_required" Authorization 403 "The workspace asks for a second factor."
        "Its members must have shown one: set one up, show it with `stepUp`, and send the new access token.";
    WORKSPACE_DELETION_PENDING "access.workspace_deletion_pending" Authorization 403 "The workspace will be deleted."
        "Nobody works in it any longer. Until it is deleted, an administrator can restore it and export what is in it.";
    STATE_STALE "access.state_stale" Dependency 503 "It is not certain who may do this."
        "News of ended sessions, keys and roles has not arrived for a minute. Try again as `Retry-After` says.";
    PERMISSION_DENIED "access.permission_denied" Authorization 403 "You may not do this."
        "Your role in the workspace lacks the permission that the operation needs.";
    FEATURE_OFF "access.feature_off" Authorization 403 "This is switched off here."
        "Whoever runs the installation has not switched the feature on for you or your workspace, or has switched it off.";
    WORKSPACE_NOT_FOUND "access.workspace_not_found" Resource 404 "There is no such workspace."
        "It does not exist, or you do not belong to it.";
    NO_WORKSPACE "access.no_workspace" Resource 404 "You do not belong to a workspace."
        "The operation works in a workspace, and there is none yet.";
    NOT_FOUND "resource.not_found" Resource 404 "There is no such thing."
        "It does not exist, or you may not see it.";
    CONFLICT "resource.conflict" Conflict 409 "It conflicts with what is there."
        "Something else with the same key exists, or something still depends on it.";
    PRECONDITION_FAILED "resource.precondition_failed" Conflict 412 "Somebody else changed it."
        "`If-Match` does not name the present version. Read it again.";
    IDEMPOTENCY_KEY_INVALID "idempotency.key_invalid" Validation 400 "The idempotency key is not valid."
        "`Idempotency-Key` has 1 to 255 printable ASCII characters.";
    IDEMPOTENCY_KEY_REUSED "idempotency.key_reused" Validation 422 "The key was used for another request."
        "The same `Idempotency-Key` came with another body. Use a new key for a new request.";
    IDEMPOTENCY_IN_FLIGHT "idempotency.in_flight" Conflict 409 "The first request is still under way."
        "Try again a little later with the same key.";
    IDEMPOTENCY_NO_REPLAY "idempotency.no_replay" Conflict 409 "The request was done, and its answer is gone."
        "The first answer was a stream or too large to keep. Look for what it made.";
    RATE_LIMITED "rate_limit.exceeded" RateLimit 429 "Too many requests."
        "Wait as long as `Retry-After` says.";
    DEPENDENCY_UNAVAILABLE "dependency.unavailable" Dependency 503 "Something we depend on does not answer."
        "Try again later, as `Retry-After` says.";
    UNAVAILABLE "system.unavailable" System 503 "The service cannot answer now."
        "Try again later, as `Retry-After` says.";
    DRAINING "system.draining" System 503 "The service is being restarted."
        "Connect again; another instance answers.";
    STREAM_INTERRUPTED "system.stream_interrupted" System 500 "The stream ended early."
        "Connect again with `Last-Event-ID`.";
    TIMEOUT "system.timeout" System 504 "It took too long."
        "The operation did not finish in the time it has.";
    CLIENT_LEFT "request.client_left" Validation 499 "Nobody waits for the answer."
        "The connection was closed before the answer was there. Nobody sees this but who reads our log.";
    INTERNAL "system.internal" System 500 "Something went wrong on our side."
        "It is in our log under the request id.";
}
