//! Problems of council.

use super::codes;

codes! {
    QUORUM_NOT_MET "council.quorum_not_met" Dependency 502 "Too few members of the council answered."
        "The models that make up the council, and those that stand in for them, failed or were too slow. Nothing is charged as a run. The run's members say why each is missing.";
    AGENT_SLUG_TAKEN "council.agent_slug_taken" Conflict 409 "Another agent is called so."
        "The product's agents have their names everywhere, and those of a workspace differ from each other.";
    AGENT_LIMIT "council.agent_limit" Business 409 "The workspace has all the agents it can have."
        "Delete one that nobody asks.";
    AGENT_CHANGED "council.agent_changed" Conflict 409 "Somebody else changed the agent."
        "The change was made to a version that is no longer the latest. Read it again, and decide anew.";
    SESSION_OVER "council.session_over" Conflict 409 "The session is over."
        "It was ended, or nothing happened in it for a day. What was said stays readable; begin another one.";
    INTERRUPTED "council.interrupted" System 503 "The run was interrupted."
        "The process that carried the run was stopped. Nothing is charged as a run. Ask again.";
    MODEL_UNKNOWN "council.model_unknown" Resource 404 "There is no such model."
        "It is not in the registry, its provider does not have it any more, or nobody has a key for it. `GET /v1/models` lists those that can be asked.";
    MODEL_LIMITED "council.model_limited" RateLimit 429 "The model's provider limits the rate."
        "Ask again after the time that `Retry-After` says.";
    MODEL_UNAVAILABLE "council.model_unavailable" Dependency 503 "The model's provider does not answer."
        "It has a fault or too much to do, or is left alone for a while after failures. Ask again later, or another model.";
    MODEL_TIMEOUT "council.model_timeout" Dependency 504 "The model did not answer in time."
        "It may be slow at the moment. Ask again, ask for less, or ask another model.";
    MODEL_FAILED "council.model_failed" Dependency 502 "The model gave no whole answer."
        "Its answer broke off, was not what its API promises, or the provider does not accept the key.";
    MODEL_REFUSED "council.model_refused" Validation 422 "The model's provider refused the content."
        "The provider's filter stopped the question or the answer.";
    MODEL_BAD_REQUEST "council.model_bad_request" Validation 422 "The model's provider refused the question."
        "It is too long for the model, or asks for something that the model cannot do.";
    CANCELLED "council.cancelled" Conflict 409 "The run was cancelled."
        "Somebody stopped the run before it had an answer. What its models took until then is counted; nothing is charged as a run.";
    RUN_ENDED "council.run_ended" Conflict 409 "The run has ended."
        "A run that has ended cannot be cancelled any more. Ask for the run to see what came of it.";
    BUDGET_EXHAUSTED "council.budget_exhausted" Business 402 "The budget of the run is used up."
        "The run may not take as much money, tokens, calls or time as an answer needs, by the request's budget or the operator's. Nothing is charged as a run. Ask with a larger budget, or a smaller question.";
}
