//! Texts that are committed so that a change of them is seen in review.

use crate::harness::text::assert_committed_text;

#[test]
fn committed_text_schema() {
    assert_committed_text("schema.graphql", &yihu::schema::sdl());
}

#[test]
fn committed_text_matrix() {
    let matrix = yihu::schema::matrix().expect("a line for every field");
    assert_committed_text("src/authz/matrix.txt", &matrix.render());
}
