//! The one way to write a record or a seal as bytes, so that it can be hashed and signed.
//!
//! A domain, then name and value of each column, everything with its length before it: two different rows never give
//! the same bytes. A column that is null leaves none, so a column that is added later changes no older record.

/// A value of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field<'a> {
    Null,
    Number(i64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

/// The bytes of a row of a domain, over what `out` held before.
pub(super) fn write<'a>(
    out: &mut Vec<u8>,
    domain: &str,
    fields: impl IntoIterator<Item = (&'a str, Field<'a>)>,
) {
    out.clear();
    put(out, domain.as_bytes());
    for (name, field) in fields {
        let (kind, number);
        let value = match field {
            Field::Null => continue,
            Field::Number(of) => {
                number = of.to_be_bytes();
                kind = 1;
                number.as_slice()
            }
            Field::Text(text) => {
                kind = 2;
                text.as_bytes()
            }
            Field::Bytes(bytes) => {
                kind = 3;
                bytes
            }
        };
        put(out, name.as_bytes());
        out.push(kind);
        put(out, value);
    }
}

fn put(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_rows_give_different_bytes() {
        let rows: [&[(&str, Field<'_>)]; 9] = [
            &[],
            &[("a", Field::Text(""))],
            &[("a", Field::Text("b"))],
            &[("ab", Field::Text(""))],
            &[("a", Field::Bytes(b"b"))],
            &[("b", Field::Text("b"))],
            &[("a", Field::Number(98))],
            &[("a", Field::Text("b")), ("b", Field::Text("a"))],
            &[("a", Field::Text("a")), ("b", Field::Text("b"))],
        ];
        let bytes = |domain: &str, fields: &[_]| {
            let mut out = vec![9];
            write(&mut out, domain, fields.iter().copied());
            out
        };
        let mut all: Vec<_> = ["d", "e"]
            .iter()
            .flat_map(|domain| rows.map(|fields| bytes(domain, fields)))
            .collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 18);
    }

    #[test]
    fn a_null_leaves_nothing() {
        let (mut with, mut without) = (Vec::new(), Vec::new());
        write(
            &mut with,
            "d",
            [("a", Field::Null), ("b", Field::Number(1))],
        );
        write(&mut without, "d", [("b", Field::Number(1))]);
        assert_eq!(with, without);
        assert_eq!(
            with,
            [
                &8u64.to_be_bytes()[..0],
                &1u64.to_be_bytes(),
                b"d",
                &1u64.to_be_bytes(),
                b"b",
                &[1],
                &8u64.to_be_bytes(),
                &1i64.to_be_bytes()
            ]
            .concat()
        );
    }
}
