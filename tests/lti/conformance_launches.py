"""The rows of the conformance table about launches: what is refused and what is accepted."""

from collections.abc import Mapping

from tests.lti.conformance_rows import UNIT, Row, accepted, once, refused, refused_deep_link, row

LAUNCHES: Mapping[str, tuple[Row, ...]] = {
    "1. Refused, with a clear page, and no session made": (
        refused("no `kid`", "no kid"),
        refused("unknown `kid`", "an unknown kid"),
        refused("bad signature", "the signature of another key"),
        row(
            "a stranger's key under the platform's `kid`",
            "key_sets::test_a_strangers_key_with_the_platforms_kid_opens_nothing",
        ),
        refused("`alg: none`", "no signature at all"),
        refused("HS256 signed with the public key", "HS256 with the public key as its secret"),
        refused("wrong LTI version", "LTI 1.1"),
        refused("no version", "no version"),
        refused("unknown message type", "an unknown message type"),
        refused("message type missing", "no message type"),
        refused("all LTI claims missing", "all LTI claims missing"),
        refused("`iat`/`exp` 11111/22222", "times of long ago"),
        refused("no `exp`", "no exp"),
        refused("no `iat`", "no iat"),
        refused("`iat` in the future beyond leeway", "made in the future"),
        refused("expired", "expired"),
        refused(
            "good for longer than a week", "good for eight days", "good for thirty years", "an exp in milliseconds"
        ),
        refused("`roles` claim missing", "no roles claim"),
        refused("`deployment_id` missing", "no deployment"),
        refused("unknown deployment", "an unknown deployment"),
        refused("resource link claim missing", "no resource link"),
        refused("resource link `id` missing", "a resource link without an id"),
        refused("`sub` empty or a number", "a sub that is ''", "a sub that is 5"),
        refused("`sub` missing (an anonymous launch): a page says why", "no sub"),
        refused("`nonce` missing or foreign", "no nonce", "a foreign nonce"),
        once("`nonce` used", "a_failed_launch_uses_its_login_up"),
        refused("`aud` wrong", "another audience"),
        refused(
            "several audiences with a wrong or missing `azp`",
            "several audiences and another's azp",
            "several audiences and no azp",
        ),
        row(
            "unknown issuer",
            "launch_once::test_a_login_request_with_a_fault_leads_nowhere",
            "launch_refused::test_a_launch_is_refused_with[another issuer]",
        ),
        once(
            "two registrations on one issuer mixed up",
            "two_registrations_on_one_issuer_need_a_client_id_to_tell_them_apart",
            "a_login_begun_for_one_client_does_not_open_with_another_clients_token",
        ),
        row(
            "two LMSs with one client_id and one `sub` mixed up",
            "launch_accepted::test_somebody_of_one_lms_is_nobody_of_another_with_the_same_client_id",
        ),
        once("state missing or foreign", "a_state_of_nobody_or_none_opens_nothing", "a_made_up_cookie_opens_nothing"),
        once("state expired", "a_login_that_took_longer_than_ten_minutes_opens_nothing"),
        once(
            "state used; the same id_token again in the same browser",
            "the_same_answer_opens_nothing_twice_in_the_same_browser",
        ),
        row(
            "the same id_token again in a fresh browser",
            "launch_once::test_the_same_answer_opens_nothing_in_a_fresh_browser",
        ),
        once(
            "a login of one browser finished in another (login CSRF)",
            "an_answer_taken_to_another_browser_opens_nothing_there",
            "a_site_that_brings_a_login_and_its_secret_signs_nobody_in",
        ),
        refused("`target_link_uri` missing", "no target"),
        refused("`target_link_uri` on another host", "the target https://other.example/lti/launch"),
        refused(
            "`target_link_uri` is not the one of the login",
            "another target on this tool, http://127.0.0.1:9001/some/where",
        ),
        row(
            "a 1 MB token",
            "launch_refused::test_what_is_no_token_is_refused[a megabyte]",
        ),
        row(
            "a token that is not a JWT, or was changed on the way",
            "launch_refused::test_what_is_no_token_is_refused",
        ),
        row(
            "a name that comes twice in a claim set or a header (RFC 7519, 4)",
            "launch_refused::test_what_is_no_token_is_refused[a sub that comes twice]",
            "launch_refused::test_what_is_no_token_is_refused[a sub that comes twice, once in disguise]",
            "launch_refused::test_what_is_no_token_is_refused[a member of a claim that comes twice]",
            "launch_refused::test_what_is_no_token_is_refused[an algorithm that comes twice]",
        ),
        once("two pending logins swapped", "two_pending_logins_cannot_be_swapped_and_both_work_as_they_began"),
        row(
            "odd JSON types in any claim or header field; claims nested, huge, dropped (`make test-long`: a thousand)",
            "launch_refused::test_a_launch_is_refused_with",
            "mutated_launches::test_a_changed_launch_opens_only_if_it_is_still_a_launch",
        ),
        row(
            "a Learner who opens deep linking",
            "launch_refused::test_deep_linking_is_refused_with[a Learner who chooses content]",
        ),
        refused_deep_link("deep-link `return_url` missing or not https", "no return URL", "a return URL without TLS"),
        row(
            "other faults of a deep-linking request",
            "launch_refused::test_deep_linking_is_refused_with",
        ),
        row(
            "a platform's key set that hangs, errs, or holds no key",
            "key_sets::test_a_key_set_that_cannot_be_read_opens_nothing",
            "key_sets::test_a_key_that_is_none_opens_nothing",
            f"{UNIT}/lti/network/test_transport::test_an_answer_that_trickles_in_is_given_up",
        ),
        row(
            "25 unknown `kid`s in a row, or a whole class at once, cost one fetch",
            "key_sets::test_twenty_five_unknown_keys_cost_one_fetch",
            f"{UNIT}/lti/test_platform_keys::test_a_whole_class_with_a_new_key_costs_one_fetch",
        ),
        row(
            "a JWKS that hangs holds one launch and no other",
            "key_sets::test_a_key_set_that_hangs_holds_one_launch_and_no_other",
            f"{UNIT}/lti/test_platform_keys::test_a_platform_that_hangs_holds_one_launch_and_no_other",
        ),
        row(
            "a JWKS with two keys of one `kid`, or an EC key",
            "key_sets::test_a_key_that_shares_its_id_with_another_is_found",
        ),
        once(
            "the login's `target_link_uri` is never a redirect_uri",
            "the_login_request_decides_neither_redirect_uri_nor_where_the_browser_goes",
        ),
        once(
            "a registration that is switched off",
            "an_lms_that_is_switched_off_opens_nothing_not_even_a_login_under_way",
        ),
        once("an error that the platform posts", "an_error_of_the_platform_is_told_and_never_echoed"),
        once(
            "a field that comes twice; a launch by GET",
            "a_field_that_comes_twice_with_two_values_is_refused",
            "the_launch_address_takes_no_get",
        ),
    ),
    "2. Accepted": (
        row(
            "plain, as teacher and as pupil",
            "launch_refused::test_the_same_launch_without_a_fault_is_accepted",
            "launch_accepted::test_a_launch_opens_with[as the platform sends it]",
            "launch_accepted::test_a_launch_opens",
        ),
        accepted("several roles", "several roles"),
        accepted("short role", "short role Instructor", "short role Learner"),
        accepted("an unknown role beside a known one", "an unknown role beside a known one"),
        accepted("`roles: []` (least rights)", "no role at all"),
        accepted("email only", "an email only"),
        accepted("names only", "names only"),
        accepted("no personal data", "no personal data"),
        accepted("email without context", "an email and no context"),
        accepted("only a resource link", "a resource link and nothing else"),
        accepted("`aud` as a list, with the right `azp`", "its audience in a list", "several audiences and our azp"),
        accepted("a clock that is a little ahead", "a clock that is 20 s ahead"),
        row(
            "a platform key rotated since the last launch",
            "key_sets::test_one_fetch_serves_all_launches",
            "key_sets::test_a_rotated_key_opens_when_the_minute_is_over",
            f"{UNIT}/lti/test_platform_keys::test_a_new_key_is_found_at_once_but_unknown_ones_cost_a_fetch_a_minute_at_most",
        ),
        row(
            "a new platform key that has the old one's `kid`",
            "key_sets::test_a_new_key_that_has_the_old_ones_id_opens_when_the_minute_is_over",
            f"{UNIT}/lti/test_platform_keys::test_a_new_key_with_the_id_of_the_old_costs_a_fetch_a_minute_at_most",
        ),
        row("tool reached through a TLS proxy", "launch_accepted::test_a_launch_opens_through_a_tls_proxy"),
        accepted("names in any script", "a name in another script"),
        row("names are kept encrypted", "launch_accepted::test_a_name_is_kept_encrypted_and_whole"),
        accepted("255-character ids", "ids of 255 characters"),
        row(
            "everything else that may differ",
            "launch_accepted::test_a_launch_opens_with",
        ),
    ),
}
