//! The names of the functions that values hold and goroutines begin with, each looked up once: of a literal of a
//! package's variables all of its package are looked at, and of a wrapper its code.

use std::{cell::RefCell, collections::HashMap, sync::Arc};

use golang::{Binary, FunctionSymbol, PackageLiterals, names, wrapper};
use model::Address;
use trace::{CodePlaces, FunctionNames};

/// What is known so far.
#[derive(Default)]
struct Known {
    literals: PackageLiterals,
    /// By where the function begins.
    names: HashMap<Address, String>,
}

/// Names what a goroutine or a func value runs, by the address in the binary where it begins.
pub(super) fn function_names(binary: Arc<Binary>) -> FunctionNames {
    let known = RefCell::new(Known::default());
    Box::new(move |address: Address| {
        let function = binary.function_at(address)?;
        let Known { literals, names } = &mut *known.borrow_mut();
        let name = names.entry(function.start);
        Some(
            name.or_insert_with(|| look_up(&binary, function, literals))
                .clone(),
        )
    })
}

/// The same of all functions, looked up beforehand, so that the binary is not needed any more.
pub(super) fn all_function_names(binary: &Binary) -> FunctionNames {
    let mut literals = PackageLiterals::default();
    let named: Box<[Named]> = binary
        .functions()
        .iter()
        .map(|function| Named {
            start: function.start,
            end: function.end,
            name: look_up(binary, function, &mut literals).into(),
        })
        .collect();
    Box::new(move |address: Address| {
        let after = named.partition_point(|function| function.start <= address);
        let function = named[..after].last()?;
        (address < function.end).then(|| function.name.to_string())
    })
}

/// Names the place in the source of an instruction, by an address in the binary.
pub(super) fn code_places(binary: Arc<Binary>) -> CodePlaces {
    let known = RefCell::new(HashMap::new());
    Box::new(move |address| {
        let mut known = known.borrow_mut();
        let place = known.entry(address);
        let place = place.or_insert_with(|| {
            let mut place = binary.place(address)?;
            let holder = binary.function_at(address)?;
            place.function = match holder.name == place.function {
                true => look_up(&binary, holder, &mut PackageLiterals::default()),
                false => names::without_shapes(&names::canonical(&place.function)),
            };
            Some(place)
        });
        place.clone()
    })
}

struct Named {
    start: Address,
    end: Address,
    name: Box<str>,
}

fn look_up(binary: &Binary, function: &FunctionSymbol, literals: &mut PackageLiterals) -> String {
    if let Some(by_source) = literals.source_name(binary, function) {
        return by_source;
    }
    // What a method value calls may be inlined in it, and call others in its turn; its name has the method.
    let name = match function.name.strip_suffix("-fm") {
        Some(method) => method.into(),
        None => wrapper::started(binary, function),
    };
    names::without_shapes(&names::canonical(&name))
}
