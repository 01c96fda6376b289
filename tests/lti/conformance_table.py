"""What must hold between an LMS and Proximal, row by row, with the tests that prove it (see conformance.py)."""

from collections.abc import Mapping

from tests.lti.conformance_launches import LAUNCHES
from tests.lti.conformance_rows import UNIT, Row, row

PROVEN_WHOLE = (
    "test_blocked_cookies.py",
    "test_deep_linking_tool.py",
    "test_dynamic_registration.py",
    "test_gradebooks.py",
    "test_key_sets.py",
    "test_launch_accepted.py",
    "test_launch_once.py",
    "test_launch_refused.py",
    "test_rosters.py",
)
"""Files of this folder whose every test stands in the table."""

TABLE: Mapping[str, tuple[Row, ...]] = {
    **LAUNCHES,
    "3. Deep linking": (
        row(
            "response JWT: `iss`, `aud`, nonce, times, deployment, `data`; an item with `lineItem`, custom parameters",
            "deep_linking_tool::test_one_activity_goes_back_with_its_column",
            "deep_linking_tool::test_each_response_has_a_nonce_of_its_own",
            "deep_linking_tool::test_data_that_was_not_sent_is_not_echoed",
        ),
        row(
            "several items; `accept_multiple: false`",
            "deep_linking_tool::test_two_subjects_become_two_activities_where_the_lms_takes_several",
            "deep_linking_tool::test_two_subjects_are_one_too_many_where_the_lms_takes_one",
        ),
        row(
            "`accept_types` without resource links",
            "deep_linking_tool::test_an_lms_that_takes_no_links_is_offered_none",
            "deep_linking_tool::test_an_lms_that_takes_no_links_gets_none_whatever_is_posted",
        ),
        row(
            "`accept_lineitem: false`",
            "deep_linking_tool::test_a_column_goes_along_only_where_the_lms_takes_one",
        ),
        row(
            "cancel returns an empty response",
            "deep_linking_tool::test_cancel_sends_back_nothing_and_makes_nothing",
        ),
        row(
            "the response goes where the LMS said, and no other site can make one",
            "deep_linking_tool::test_the_form_goes_to_the_address_that_the_lms_gave_and_the_page_may_send_it_there",
            "deep_linking_tool::test_no_other_site_can_choose_in_a_teachers_name",
            "deep_linking_tool::test_a_pupil_can_neither_choose_nor_cancel",
            "deep_linking_tool::test_a_choice_that_makes_no_activity_comes_back_with_a_sentence",
        ),
        row(
            "launching the returned link",
            "deep_linking_tool::test_the_returned_link_opens_its_activity_for_a_pupil",
        ),
        row(
            "`available` and `submission` windows",
            "deep_link_dates::test_when_it_opens_closes_and_is_due_reaches_the_lms",
            "deep_link_dates::test_an_lms_that_passes_dates_over_is_offered_none",
        ),
        row(
            "very many activities in one message",
            "deep_link_dates::test_an_activity_for_each_skill_of_a_whole_bank_goes_back_in_one_message",
        ),
    ),
    "4. Names and roles (NRPS)": (
        row(
            "token scope, Accept header, address as the launch gave it; the whole class is asked for, no part of it",
            "rosters::test_it_is_asked_for_exactly_where_the_launch_said_it_is_and_whole",
            f"{UNIT}/lti/services/test_nrps::test_a_roster_is_asked_for_exactly_where_the_launch_said_it_is",
        ),
        row(
            "paging by Link header; 1,000 members",
            "rosters::test_a_thousand_members_come_over_all_pages_each_once",
            f"{UNIT}/lti/services/test_nrps::test_a_thousand_members_come_over_all_pages_each_once",
        ),
        row(
            "a next page on another host; a list without an end",
            "rosters::test_a_next_page_that_leads_astray_is_not_followed",
            "rosters::test_a_list_that_never_ends_is_given_up",
            f"{UNIT}/lti/services/test_platform_services::test_a_next_page_on_another_host_is_not_fetched",
            f"{UNIT}/lti/services/test_platform_services::test_a_list_that_never_ends_is_given_up",
            f"{UNIT}/lti/services/test_platform_services::test_a_list_that_leads_back_to_a_page_of_before_is_given_up_at_once",
        ),
        row(
            "inactive members",
            "rosters::test_who_has_left_is_not_active",
            f"{UNIT}/lti/services/test_nrps::test_who_has_left_is_not_active",
        ),
        row(
            "members without names",
            "rosters::test_a_member_without_a_name_is_a_member",
            f"{UNIT}/lti/services/test_nrps::test_a_name_is_what_the_lms_gives_or_none",
        ),
        row(
            "`rlid` of the course, where the LMS knows one: with the sections of each member",
            "rosters::test_where_the_course_is_a_link_the_roster_tells_each_members_sections",
            "rosters::test_an_lms_that_takes_no_course_for_a_link_still_tells_who_is_in_it",
            "like_canvas::test_sections_are_known_from_launches_and_from_the_roster",
        ),
        row(
            "10,000 members in one page",
            "rosters::test_ten_thousand_members_may_come_in_one_page",
            f"{UNIT}/lti/services/test_nrps::test_ten_thousand_members_may_come_in_one_page",
        ),
        row(
            "a token that is refused in mid-paging",
            "rosters::test_a_token_that_is_refused_in_the_middle_of_a_list_costs_that_page_a_second_try",
        ),
    ),
    "5. Grades (AGS)": (
        row(
            "token request: assertion, `aud`, scope",
            "gradebooks::test_the_token_request_is_signed_for_this_client_and_the_token_url",
            f"{UNIT}/lti/services/test_access_tokens::test_the_request_is_signed_for_this_client_and_the_token_url",
        ),
        row(
            "tokens are never shared by two registrations on one issuer",
            "dynamic_registration::test_tokens_are_never_shared_by_two_registrations_on_one_issuer",
            f"{UNIT}/lti/services/test_access_tokens::test_two_districts_on_one_issuer_never_share_a_token",
        ),
        row(
            "a forgotten token is replaced once",
            "gradebooks::test_a_token_that_the_lms_forgot_is_replaced_once",
            f"{UNIT}/lti/services/test_platform_services::test_a_platform_that_refuses_the_new_token_too_is_not_asked_a_third_time",
        ),
        row("list of columns with paging", "gradebooks::test_a_column_on_the_second_page_is_found"),
        row(
            "a column is looked up before it is made, and made once",
            "gradebooks::test_a_link_without_a_column_gets_one_and_only_one",
            f"{UNIT}/services/delivery/test_grade_columns::test_one_column_is_made_for_a_class_of_thirty_and_two_workers",
        ),
        row(
            "score: unrounded, zero is real, final so far; at the path beneath the column",
            "gradebooks::test_a_score_is_unrounded_final_so_far_and_beneath_its_column",
            "gradebooks::test_zero_is_a_real_score",
        ),
        row(
            "timestamps rise, for LMSs that compare whole seconds too; an answer that got lost",
            "gradebooks::test_the_newest_score_arrives_and_time_never_runs_back",
            "gradebooks::test_an_answer_that_got_lost_is_asked_for_again_and_the_score_counts_once",
            f"{UNIT}/services/delivery/test_grade_delivery::test_two_scores_within_a_second_are_a_whole_second_apart_for_the_lms",
            f"{UNIT}/services/delivery/test_grade_delivery::test_whatever_happens_the_newest_score_arrives_in_the_end_and_time_never_runs_back",
        ),
        row(
            "scopes partly granted; no line item in the launch",
            "gradebooks::test_where_only_scores_are_allowed_and_no_column_is_named_a_score_waits_with_the_reason",
            f"{UNIT}/services/delivery/test_grade_columns::test_without_a_column_a_score_is_parked_with_the_reason",
        ),
        row(
            "Canvas: extension, one comment, stale is 400, throttling is 403",
            "gradebooks::test_a_pupil_practises_to_a_grade_in_an_lms_with_the_ways_of[canvas]",
            "gradebooks::test_an_answer_that_got_lost_is_asked_for_again_and_the_score_counts_once[canvas]",
            "gradebooks::test_canvas_says_slow_down_with_403_and_the_score_comes_later",
            f"{UNIT}/lti/services/test_ags::test_a_refusal_says_whether_it_may_pass",
        ),
        row(
            "an LMS that hangs holds up no other",
            "gradebooks::test_an_lms_that_hangs_holds_up_no_other",
            f"{UNIT}/services/delivery/test_platform_in_trouble::test_an_lms_that_hangs_is_asked_twice_and_holds_up_no_other",
        ),
        row(
            "update and delete of a column",
            "gradebooks::test_a_new_name_and_maximum_reach_the_column_and_grades_keep_their_share",
            "gradebooks::test_a_column_is_taken_away_and_one_that_is_gone_already_is_no_error",
        ),
        row(
            "results, over all pages and of one pupil",
            "gradebooks::test_what_the_gradebook_shows_is_read_over_all_pages",
        ),
        row(
            "the whole way to a grade in an LMS with Moodle's, Canvas's or Brightspace's rules",
            "gradebooks::test_a_pupil_practises_to_a_grade_in_an_lms_with_the_ways_of",
            "like_moodle::test_ada_answers_faster_than_the_lms_s_clock_ticks_and_nothing_is_lost",
            "like_canvas::test_ada_practises_and_her_grade_uses_up_no_attempt_and_comments_once",
            "like_brightspace::test_ada_practises_and_the_class_list_is_read_with_the_one_audience_for_tokens",
        ),
    ),
    "6. Dynamic registration": (
        row(
            "as in the specification, with a one-time invitation",
            "dynamic_registration::test_an_invited_lms_is_active_at_once_and_a_teacher_can_add_an_activity",
            "dynamic_registration::test_an_invitation_lets_in_one_lms_only",
            f"{UNIT}/services/platforms/test_invitations::test_an_invitation_is_over_after_a_week",
        ),
        row(
            "without an invitation it waits for an administrator",
            "dynamic_registration::test_without_an_invitation_a_registration_waits_and_launches_say_so",
            "dynamic_registration::test_a_stranger_that_serves_its_own_configuration_waits_for_approval",
        ),
        row(
            "the LMS's own approval", "dynamic_registration::test_until_the_lms_switches_it_on_nobody_can_use_the_tool"
        ),
        row(
            "an update keeps client_id and state",
            "dynamic_registration::test_an_update_keeps_the_client_id_and_the_state",
        ),
        row(
            "other addresses than before need an invitation",
            "dynamic_registration::test_two_files_on_the_lms_s_host_do_not_lead_its_launches_to_other_keys",
        ),
        row(
            "registered a second time as new",
            "dynamic_registration::test_registered_as_new_the_tool_is_there_twice_and_both_launch",
        ),
        row(
            "a registration token works once, and a made-up one never",
            "dynamic_registration::test_a_registration_token_works_once",
            "dynamic_registration::test_a_made_up_token_registers_nothing",
        ),
        row(
            "Canvas: the configuration is for the bearer of the token",
            "dynamic_registration::test_canvas_shows_its_configuration_to_the_bearer_of_the_token_only",
        ),
        row("Brightspace: without a registration token", "dynamic_registration::test_brightspace_sends_no_token"),
        row(
            "ends with `org.imsglobal.lti.close`, in a frame and in a tab",
            "dynamic_registration::test_the_page_tells_the_lms_that_it_is_done",
        ),
        row(
            "a configuration that lies or lacks something",
            "dynamic_registration::test_a_host_that_speaks_for_another_issuer_is_not_believed",
            "dynamic_registration::test_a_registration_endpoint_on_another_host_is_not_used",
            "dynamic_registration::test_a_configuration_with_a_hole_is_refused",
            "dynamic_registration::test_what_can_be_no_registration_is_refused_and_nothing_is_kept",
            "dynamic_registration::test_the_page_by_itself_says_where_it_belongs",
        ),
        row(
            "registrations that hang leave threads to the others",
            "dynamic_registration::test_registrations_that_hang_leave_threads_to_the_others",
        ),
        row(
            "SSRF: no private address, also not by a name or a redirect; answers bounded in time and size",
            "dynamic_registration::test_no_private_address_is_called_whatever_the_lms_says",
            "dynamic_registration::test_no_redirect_is_followed",
            f"{UNIT}/lti/network/test_address_guard::test_a_name_that_resolves_to_a_private_address_is_refused",
            f"{UNIT}/lti/network/test_address_guard::test_the_connection_goes_to_the_address_that_was_checked",
            f"{UNIT}/lti/network/test_address_guard::test_headers_that_trickle_in_end_with_the_connection",
            f"{UNIT}/lti/network/test_address_guard::test_a_line_within_the_body_that_trickles_in_ends_with_the_connection",
            f"{UNIT}/lti/network/test_address_guard::test_a_name_with_very_many_addresses_is_not_tried_to_the_last",
            f"{UNIT}/lti/network/test_transport::test_nothing_is_called_without_tls",
            f"{UNIT}/lti/network/test_transport::test_what_may_pass_says_so",
        ),
    ),
    "7. Launch without third-party cookies": (
        row(
            "all cookies blocked, with platform storage",
            "blocked_cookies::test_the_login_asks_the_lms_to_keep_its_secret_where_the_lms_offers_that",
            "blocked_cookies::test_without_any_cookie_ada_practises_with_a_session_that_travels_in_forms",
            "blocked_cookies::test_a_pupils_sound_needs_no_cookie",
        ),
        row(
            "all cookies blocked, without it: a new window",
            "blocked_cookies::test_without_storage_a_tap_finishes_the_launch_in_a_window_of_its_own",
            "blocked_cookies::test_after_the_storage_kept_nothing_the_window_is_offered",
        ),
        row(
            "cookies kept: the short way",
            "blocked_cookies::test_a_browser_that_has_kept_our_cookies_before_goes_the_short_way",
        ),
        row(
            "neither way lets another site in",
            "blocked_cookies::test_a_wrong_secret_from_the_storage_opens_nothing",
            "blocked_cookies::test_another_site_cant_bring_the_secret_of_a_login_of_its_own",
            "blocked_cookies::test_another_site_cant_make_a_browser_finish_a_stolen_login",
            "blocked_cookies::test_the_page_in_the_frame_is_for_the_lms_only",
        ),
    ),
}
