//! Problems of tenancy.

use super::codes;

codes! {
    LAST_ADMIN "tenancy.last_admin" Conflict 409 "The workspace would have no administrator."
        "The member is the only active ADMIN whose account is open and stays so. Make somebody else one first.";
    RIGHTS_EXCEEDED "tenancy.rights_exceeded" Authorization 403 "That is more than you may do yourself."
        "Nobody gives a role, or changes a member or a role, that allows more than their own does. An API key may no more than its scopes cover.";
    MEMBER_EXISTS "tenancy.member_exists" Conflict 409 "The person is a member already."
        "Change the member instead.";
    ROLE_NAME_TAKEN "tenancy.role_name_taken" Conflict 409 "Another role is called so."
        "Names of roles differ in more than their case; ADMIN and MEMBER are taken everywhere.";
    ROLE_LIMIT "tenancy.role_limit" Business 409 "The workspace has all the roles it can have."
        "Delete a role that nobody has.";
    ROLE_IN_USE "tenancy.role_in_use" Conflict 409 "Somebody has the role."
        "Give its members another role first.";
    FEATURE_FLAGS_FULL "tenancy.feature_flags_full" Conflict 409 "There are as many feature flags as there can be."
        "Every process keeps all of them in memory. Remove one that is no longer needed.";
    PERSON_UNKNOWN "tenancy.person_unknown" Resource 404 "You share no workspace with such a person."
        "Who is in none of your workspaces is invited by their address, whether they have an account or not.";
    DELETION_NOT_PENDING "tenancy.deletion_not_pending" Conflict 409 "Nobody is deleting the workspace."
        "There is no deletion to take back or to look at.";
    DELETION_BEGUN "tenancy.deletion_begun" Conflict 409 "The deletion has begun."
        "The time in which the workspace could be restored is over.";
    EXPORT_UNAVAILABLE "tenancy.export_unavailable" Dependency 503 "The export cannot be made now."
        "A service does not tell what it holds; `detail` names it. Try again as `Retry-After` says.";
    MEMBER_INACTIVE "tenancy.member_inactive" Authorization 403 "You were deactivated in this workspace."
        "No invitation and no link brings you back: one of its administrators has to.";
    INVITATION_PENDING "tenancy.invitation_pending" Conflict 409 "The address is invited already."
        "One invitation of an address waits at a time. Resend that one, or revoke it first.";
    INVITATION_LIMIT "tenancy.invitation_limit" Conflict 409 "There are too many invitations."
        "Too many of the workspace wait. Revoke some that nobody accepts.";
    INVITATION_RATE "tenancy.invitation_rate" RateLimit 429 "Too many invitations were sent."
        "By the workspace today, or to this address a moment ago. `Retry-After` says when to come back.";
    INVITATION_TOKEN_INVALID "tenancy.invitation_token_invalid" Validation 422 "The link does not work."
        "Its secret is unknown, or a newer mail took its place.";
    INVITATION_EXPIRED "tenancy.invitation_expired" Conflict 410 "The invitation is too old."
        "Its time is over. Ask for another one.";
    INVITATION_SETTLED "tenancy.invitation_settled" Conflict 409 "The invitation is settled."
        "It was accepted, declined or revoked already; `detail` says which.";
    DOMAIN_PUBLIC "tenancy.domain_public" Validation 422 "Nobody owns the domain alone."
        "Anybody gets a mailbox there, people register domains below it, or it is not a public one.";
    DOMAIN_EXISTS "tenancy.domain_exists" Conflict 409 "The workspace has claimed the domain already."
        "A workspace claims a domain once. Prove that one, or delete it first.";
    DOMAIN_LIMIT "tenancy.domain_limit" Conflict 409 "There are too many domains."
        "A workspace claims at most 50. Delete one that is not needed.";
    DOMAIN_UNPROVED "tenancy.domain_unproved" Validation 422 "Nothing proves that the domain is yours."
        "The TXT record is not there, or says something else. News of the DNS may take hours to travel.";
    DOMAIN_TAKEN "tenancy.domain_taken" Conflict 409 "The domain belongs to another workspace."
        "One workspace has a domain. The other one has to give it up, or to lose its record, first.";
    JOIN_LINK_INVALID "tenancy.join_link_invalid" Validation 422 "The link does not work."
        "Its secret is unknown, or another one took its place.";
    JOIN_LINK_EXPIRED "tenancy.join_link_expired" Conflict 410 "The link is too old."
        "Its time is over. Ask for another one.";
    JOIN_LINK_USED_UP "tenancy.join_link_used_up" Conflict 409 "Nobody else can join by this link."
        "As many joined by it as may. Ask for another one.";
}
