//! Constants by their names: `"Paid"` for a `shop.Status` that is 1.

use model::{Constant, Content, TypeId, TypeTable, Value};

use super::type_name::is_named;

/// Why a text is not the name of a constant of a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::expect) enum NoConstant {
    /// The binary describes no constant of that type.
    None,
    /// It has others.
    Unknown,
    /// Several packages declare constants of that name, with other values.
    Ambiguous,
}

/// The value of the constant of a type that a text names: `Paid`, `shop.Paid`, or with the package's full path.
pub(in crate::expect) fn constant_value(
    types: &TypeTable,
    ty: TypeId,
    name: &str,
) -> Result<i64, NoConstant> {
    let constants = types.constants(ty);
    if constants.is_empty() {
        return Err(NoConstant::None);
    }
    let mut meant = constants
        .iter()
        .filter(|constant| is_meant(constant, name, types))
        .map(|constant| constant.value);
    let value = meant.next().ok_or(NoConstant::Unknown)?;
    match meant.all(|other| other == value) {
        true => Ok(value),
        false => Err(NoConstant::Ambiguous),
    }
}

/// The name of a constant that has a value, without its package: the first one in the source.
pub(in crate::expect) fn constant_name<'t>(types: &'t TypeTable, value: &Value) -> Option<&'t str> {
    let seen = integer(value)?;
    let mut constants = types.constants(value.ty).iter();
    constants
        .find(|constant| constant.value == seen)
        .and_then(|constant| constant.name.rsplit('.').next())
}

/// An integer, as a constant's value is written.
pub(super) fn integer(value: &Value) -> Option<i64> {
    match value.content {
        Content::Int(seen) => Some(seen),
        Content::Uint(seen) => Some(seen.cast_signed()),
        _ => None,
    }
}

fn is_meant(constant: &Constant, name: &str, types: &TypeTable) -> bool {
    let own = constant.name.rsplit('.').next();
    own == Some(name) || name.contains('.') && is_named(&constant.name, name, types.packages())
}

#[cfg(test)]
mod tests {
    use model::{Constant, Content, Kind, Type, TypeTable, Value};

    use super::{NoConstant, constant_name, constant_value};

    #[test]
    fn a_constant_goes_by_its_name_with_or_without_the_package() {
        let mut types = TypeTable::default();
        let status = types.push(Type {
            name: "example.com/shop.Status".to_owned(),
            size: 8,
            kind: Kind::Int,
        });
        let constant = |name: &str, value| Constant {
            name: name.to_owned(),
            value,
        };
        assert_eq!(
            constant_value(&types, status, "Paid"),
            Err(NoConstant::None)
        );
        types.set_constants(
            status,
            vec![
                constant("example.com/shop.Pending", 0),
                constant("example.com/shop.Paid", 1),
                constant("example.com/shop.Done", 1),
                constant("example.com/other.Pending", 7),
                constant("example.com/other.Paid", 1),
            ],
        );
        let value = |name| constant_value(&types, status, name);
        assert_eq!(value("Paid"), Ok(1));
        assert_eq!(value("shop.Pending"), Ok(0));
        assert_eq!(value("example.com/other.Pending"), Ok(7));
        assert_eq!(value("Pending"), Err(NoConstant::Ambiguous));
        assert_eq!(value("paid"), Err(NoConstant::Unknown));
        let name = |seen| {
            let content = Content::Int(seen);
            constant_name(
                &types,
                &Value {
                    ty: status,
                    content,
                },
            )
        };
        assert_eq!(name(1), Some("Paid"));
        assert_eq!(name(2), None);
    }
}
