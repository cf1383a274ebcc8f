"""Tests that are long and rare: not run by default, by hand with `make campaign`.

Each stays in the file of what it tests, beside a smaller sibling that CI runs and that fails when the feature breaks.
docs/explanation/tests.md has their last results.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Long:
    """A test, or some parameters of one, that only the campaign runs.

    Attributes:
        file: below tests/.
        function: name of the test.
        parameters: ids as pytest shows them in brackets; empty for all.
        sibling: what CI runs instead.
    """

    file: str
    function: str
    parameters: frozenset[str]
    sibling: str


def _long(file: str, function: str, *parameters: str, sibling: str) -> Long:
    return Long(file, function, frozenset(parameters), sibling)


CAMPAIGN = [
    _long(
        "models/test_registry.py",
        "test_network",
        *("resnet101", "resnet101v2", "resnet152", "efficientnet_b3", "efficientnet_b7", "inception_v3"),
        sibling="the same test with the shallowest of each family and the deepest of all, resnet152v2",
    ),
    _long(
        "measures/test_coverage.py",
        "test_intervals_hold_the_truth_as_often_as_they_promise",
        "random, three classes",
        sibling="the same test with two classes",
    ),
    _long(
        "tracking/test_killed.py",
        "test_what_a_killed_process_began_is_completed_and_nothing_is_there_twice",
        "every step",
        sibling="the same test with four of the twelve steps",
    ),
    _long(
        "tracking/test_deadline.py",
        "test_sync_says_so_and_ends",
        "as users have it",
        sibling="the same test with two seconds in place of thirty",
    ),
    _long(
        "stages/test_audit.py",
        "test_a_shortcut_is_warned_of_with_the_property_that_tells_most",
        *("faint border", "format"),
        sibling="the same test with a plain border; shortcuts/test_inspection.py: formats",
    ),
    _long(
        "stages/test_audit.py",
        "test_two_runs_give_the_same_page",
        sibling="pipeline/test_pipeline.py: test_data_stages_give_the_same_bytes_in_another_folder has the audit too",
    ),
    _long(
        "training/test_recipes.py",
        "test_deterministic_gives_the_same_bits",
        sibling="training/test_deterministic.py: test_the_same_weights_in_every_way, resumed and once more",
    ),
    _long(
        "cli/test_killed_run.py",
        "test_at_every_step",
        "every",
        sibling="the same test with every third step",
    ),
    _long(
        "stages/test_audit.py",
        "test_the_built_in_sample_gives_no_warning",
        sibling="test_a_clean_set_is_not_warned_of",
    ),
    _long(
        "training/test_resume.py",
        "test_killed_after_two_epochs_of_four",
        *("plateau", "phases", "features"),
        sibling="the same test with the recipe main; training/test_checkpoint.py: what a state holds",
    ),
    _long(
        "pipeline/test_seeds.py",
        "test_killed_in_the_second_seed_and_run_again",
        sibling="training/test_session.py: test_a_kill_in_a_later_seed_costs_the_seeds_before_nothing",
    ),
    _long(
        "pipeline/test_user_data.py",
        "test_a_real_subset_from_the_zip_as_it_is",
        sibling="test_a_folder_with_odd_names_and_given_splits; catalog/test_real.py reads real images",
    ),
    _long(
        "pipeline/test_user_data.py",
        "test_a_real_subset_through_the_kaggle_path",
        sibling="pipeline/test_reference_projects.py: test_b_four_classes_of_x_rays_within_their_masks",
    ),
    _long(
        "pipeline/test_reference_projects.py",
        "test_real_x_rays_in_siims_layout",
        sibling="test_c_dicom_by_study_from_the_competition; catalog/test_real.py reads the same DICOM files",
    ),
    *(
        _long(
            "pipeline/test_planted_secrets.py",
            name,
            sibling="pipeline/test_hostile_parameters.py: test_a_secret_is_in_no_object_of_git; core/test_secrets.py",
        )
        for name in (
            "test_no_secret_is_found_anywhere",
            "test_the_secrets_were_asked_for",
            "test_nothing_that_git_keeps_holds_a_path_of_this_machine",
            "test_patients_are_named_where_the_docs_say_and_nowhere_else",
        )
    ),
    _long(
        "pipeline/test_replicate.py",
        "test_ctrl_c_says_how_to_go_on",
        sibling="test_killed_resumed_and_repeated; cli/test_repro.py: test_sigint_to_it_alone_ends_its_stage",
    ),
    _long(
        "datasets/test_sample.py",
        "test_the_picture_without_its_lungs_says_nothing_of_the_label",
        sibling="the other tests of that file reason about the plans of the same pictures",
    ),
    _long(
        "serving/test_safety.py",
        "test_every_network_of_the_registry_passes",
        *("resnet101", "resnet101v2", "resnet152", "resnet152v2", "efficientnet_b3", "efficientnet_b7"),
        sibling="the same test with the shallower ones of each family",
    ),
    _long(
        "pipeline/test_hostile_parameters.py",
        "test_whatever_else_dvc_exp_run_is_told",
        *("--temp", "-k", "-f", "--pull", "evaluate"),
        sibling="the same test with --queue, -s and --downstream",
    ),
    _long(
        "pipeline/test_hostile_parameters.py",
        "test_dvc_exp_run_refuses_what_it_would_compose",
        *("../../tests-model", "../../tests-set", "$(touch marker)-set", "../../../outside-model"),
        sibling="the same test with other names and keys",
    ),
    _long(
        "catalog/test_public_sets.py",
        "test_from_download_to_audit",
        sibling="the other tests of that file read the same sets in one process, as far as the split",
    ),
    _long(
        "pipeline/test_code.py",
        "test_everything_again_changes_no_result",
        sibling="pipeline/test_pipeline.py: test_data_stages_give_the_same_bytes; training/test_deterministic.py",
    ),
    _long(
        "pipeline/test_code.py",
        "test_another_data_set_and_back_runs_nothing_twice",
        sibling="pipeline/test_pipeline.py: test_exp_run_of_a_trained_network_comes_from_the_cache",
    ),
    _long(
        "pipeline/test_code.py",
        "test_a_module_that_training_newly_imports_counts_from_then_on",
        sibling="test_an_edit_to_the_leaderboard_runs_what_reaches_it_and_no_network; core/test_closure.py",
    ),
    _long(
        "pipeline/test_pipeline.py",
        "test_a_queue_of_two_ends_in_the_same_store",
        sibling="test_exp_run_of_another_network_trains_only_that_and_reuses_the_data",
    ),
    _long(
        "pipeline/test_provenance.py",
        "test_killed_while_training_and_while_logging",
        sibling="pipeline/test_kills.py; tracking/test_killed.py: the same kills one by one",
    ),
    *(
        _long("pipeline/test_provenance.py", name, sibling=sibling)
        for name, sibling in {
            "test_a_set_from_elsewhere_is_one_argument": "external/test_dvc.py, external/test_transfer.py",
            "test_a_fresh_clone_has_the_same_tables": "tracking/test_sync.py rebuilds runs from outputs",
            "test_again_does_nothing_and_a_changed_folder_is_noticed": "pipeline/test_user_data.py: new content",
        }.items()
    ),
    _long(
        "pipeline/test_reference_projects.py",
        "test_e_three_classes_at_a_commit_with_their_own_split",
        sibling="the other projects of that file; catalog/test_public_sets.py reads project E's layout",
    ),
    _long(
        "tracking/test_server.py",
        "test_a_server_that_dies_while_training_costs_a_warning_and_a_later_sync",
        sibling="tracking/test_deadline.py: test_sync_says_so_and_ends; tracking/test_run.py: no server there",
    ),
    _long(
        "training/test_one_at_a_time.py",
        "test_killed_between_the_end_of_a_training_and_dvcs_note_of_it_nothing_is_trained_twice",
        sibling="training/test_session.py: test_a_kill_in_a_later_seed_costs_the_seeds_before_nothing",
    ),
    _long(
        "training/test_traces.py",
        "test_a_network_is_freed_with_its_compiled_function",
        sibling="the other tests of that file count traces of the same functions",
    ),
    _long(
        "stages/test_hostile_content.py",
        "test_tables_and_lists",
        *("one line of 120 MB", "cells"),
        sibling="the same test with other tables",
    ),
    _long(
        "stages/test_hostile_content.py",
        "test_archives",
        "a packed tar of 3 GB",
        sibling="the same test with other archives",
    ),
    _long(
        "pipeline/test_reference_projects.py",
        "test_c_dicom_by_study_from_the_competition",
        sibling="catalog/test_siim.py reads project C's layout; projects A, B and D run in that file",
    ),
    _long(
        "pipeline/test_code.py",
        "test_a_network_in_a_file_of_its_own_trains_no_other_anew",
        sibling="test_an_edit_to_the_leaderboard_runs_what_reaches_it_and_no_network; core/test_closure.py",
    ),
    _long(
        "tracking/test_database.py",
        "test_killed_at_a_random_moment_of_the_first_connection",
        *("1", "2"),
        sibling="the same test with another seed; test_kills.py",
    ),
    *(
        _long(
            "grid/test_proofs.py",
            name,
            sibling="grid/test_run.py: the same with stages of a moment; grid/test_process.py",
        )
        for name in (
            "test_six_members_two_at_a_time_are_the_same_six_one_by_one",
            "test_two_nodes_with_nothing_but_a_remote_in_common_give_the_same",
            "test_killed_in_mid_training_it_goes_on_and_gives_the_same",
            "test_a_node_that_dies_costs_no_member",
        )
    ),
    _long("grid/test_run.py", "test_limits", sibling="grid/test_process.py: test_limits"),
    _long(
        "grid/test_run.py",
        "test_what_was_queued_is_a_grid_and_leaves_the_queue",
        sibling="test_members_come_back_what_fails_is_said_and_the_same_command_goes_on: the same way home",
    ),
    _long(
        "benchmarks/test_benchmarks.py",
        "test_the_table_of_a_card_has_what_could_be_measured_and_says_what_could_not",
        sibling="the other tests of that file start every benchmark",
    ),
    _long(
        "training/test_one_at_a_time.py",
        "test_a_killed_dvc_and_the_rerun_beside_its_stage_leave_one_training",
        sibling="test_the_second_is_told_of_the_first; cli/test_repro.py: test_beside_a_stage_that_outlived_its_dvc",
    ),
    _long(
        "stages/test_train.py",
        "test_a_file_that_was_cut_short_is_one_line_with_the_command_that_brings_it_back",
        *("data/processed/train.npy-dvc repro -f preprocess", "data/train_indices.npy-dvc repro -f upsample"),
        sibling="the same test with other files",
    ),
]


def is_long(nodeid: str) -> bool:
    """Return whether a collected test (`tests/FILE.py::FUNCTION[PARAMETERS]`) belongs to the campaign.

    >>> is_long("tests/training/test_resume.py::test_killed_after_two_epochs_of_four[plateau]")
    True
    >>> is_long("tests/training/test_resume.py::test_killed_after_two_epochs_of_four[main]")
    False
    """
    name, _, parameters = nodeid.removesuffix("]").partition("[")
    file, _, function = name.removeprefix("tests/").partition("::")
    return any(
        (entry.file, entry.function) == (file, function) and (not entry.parameters or parameters in entry.parameters)
        for entry in CAMPAIGN
    )
