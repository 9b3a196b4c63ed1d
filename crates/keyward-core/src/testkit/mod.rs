//! What every key store has to do, as tests: the conformance suite.
//!
//! [`key_store_conformance!`](crate::key_store_conformance) makes one `#[tokio::test]` of each
//! behaviour in [`conformance`], named for it. Its argument is evaluated for each test and opens
//! one new, empty store as often as it is called, each time as another process would.
//!
//! ```
//! use keyward_core::store::MemoryStore;
//!
//! fn memory() -> impl AsyncFn() -> MemoryStore {
//!     let store = MemoryStore::new();
//!     async move || store.other_process()
//! }
//!
//! keyward_core::key_store_conformance!(memory());
//! # tokio::runtime::Builder::new_multi_thread().build().unwrap().block_on(async {
//! # keyward_core::testkit::conformance::insert_is_create_only(memory()).await;
//! # });
//! ```

pub mod conformance;

/// Makes a test of every behaviour that a [`KeyStore`](crate::store::KeyStore) has to have.
///
/// The argument is an `impl AsyncFn() -> impl KeyStore`, see [`testkit`](crate::testkit). The
/// calling crate needs tokio with `macros` and `rt-multi-thread` among its `dev-dependencies`.
#[macro_export]
macro_rules! key_store_conformance {
    ($open:expr) => {
        $crate::key_store_conformance! { $open =>
            insert_is_create_only
            a_write_of_another_version_is_a_conflict
            a_commit_is_all_or_nothing
            require_changes_nothing_and_guards_the_rest
            a_deleted_key_is_gone
            a_dialect_claims_a_store_once
            every_field_of_a_record_comes_back
            lookup_many_answers_in_order_and_from_one_snapshot
            lists_go_from_newest_to_oldest_page_by_page
            a_list_skips_what_it_is_told_to
            lists_keep_to_their_filters
            concurrent_commits_are_numbered_without_gap_or_duplicate
            only_one_of_concurrent_writers_of_a_version_wins
            a_snapshot_never_lags_behind_its_number
            changes_come_in_pages
            a_position_of_another_history_is_lost
            another_handle_hears_of_a_change
            the_table_is_raised_before_commit_returns
            a_dropped_commit_leaves_no_stale_answer
            instances_sign_and_sign_off
            a_position_of_another_history_is_not_signed
            whoever_waits_is_heard_by_every_poll
            text_that_not_every_store_can_keep_is_refused_by_name
            every_field_of_an_entry_comes_back
            an_act_that_fails_leaves_no_entry
            the_trail_is_in_the_order_of_the_commits
            what_is_appended_moves_no_page_of_the_trail
            the_trail_keeps_to_its_filters_and_outlives_its_keys
            uses_are_added_up_hour_by_hour
            a_flush_that_comes_twice_counts_once
            a_last_use_never_goes_back
            use_is_not_a_change
            uses_go_with_their_key
            old_uses_are_forgotten
        }
    };
    ($open:expr => $($behaviour:ident)*) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $behaviour() {
                $crate::testkit::conformance::$behaviour($open).await;
            }
        )*
    };
}
