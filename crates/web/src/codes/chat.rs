//! Problems of chat.

use super::codes;

codes! {
    PERSONA_NAME_TAKEN "chat.persona_name_taken" Conflict 409 "The workspace has a persona of this name."
        "Choose another name.";
    PERSONA_READ_ONLY "chat.persona_read_only" Authorization 403 "The persona belongs to the platform."
        "Personas of the catalogue are the same for everybody. Make one of your own.";
    ANSWER_IN_PROGRESS "chat.answer_in_progress" Conflict 409 "The conversation is being answered."
        "Wait for the answer, follow it at `/api/v1/conversations/{id}/stream`, or stop it.";
    NOT_ANSWERING "chat.not_answering" Conflict 409 "Nothing is being answered."
        "The answer has ended already.";
    PERSONA_BUSY "chat.persona_busy" RateLimit 429 "The persona is asked too often."
        "Each persona answers 60 messages a minute. Wait as long as `Retry-After` says.";
    PERSONA_UNREACHABLE "chat.persona_unreachable" Dependency 502 "The persona cannot be reached."
        "Its webhook did not take the message. Nothing was answered; send it again later.";
    PERSONA_TIMEOUT "chat.persona_timeout" Dependency 504 "The persona took too long."
        "Its answer did not come, or did not end, in time. What had come is kept.";
    PERSONA_FAILED "chat.persona_failed" Dependency 502 "The persona could not answer."
        "Its webhook or model answered with a failure, broke off, or sent nothing that could be read. What had come is kept.";
    PERSONA_SUSPENDED "chat.persona_suspended" Dependency 503 "The persona is given a rest."
        "It failed several times in a row and is not asked until the time that `Retry-After` names.";
    ANSWER_TOO_LONG "chat.answer_too_long" Dependency 502 "The answer is too long."
        "The persona sent more than is kept of one answer. What fits is kept.";
    BUDGET_REACHED "chat.budget_reached" Business 402 "The plan does not allow the run."
        "The persona is answered by the council, and the plan allows no more runs.";
    INTERRUPTED "chat.interrupted" System 503 "The answer was interrupted."
        "The service was restarted. What had come is kept; send the message again.";
}
