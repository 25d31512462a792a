//! Hand-assembled bodies with every form of stack check.

use model::Address;

use super::{Body, CodeError, decode};

const START: u64 = 0x40_1000;
const MORESTACK: u64 = 0x46_0000;

/// Decodes bytes at [`START`]; `runtime.morestack_noctxt` is at [`MORESTACK`].
fn body(code: &[u8]) -> Result<Body, CodeError> {
    decode(code, Address(START), |address| {
        (address.0 == MORESTACK).then_some("runtime.morestack_noctxt")
    })
}

/// A `call` of [`MORESTACK`] that stands `at` bytes from [`START`], and the jump back to the start after it.
fn morestack(at: usize) -> Vec<u8> {
    let displacement = |target: u64, length: usize| {
        let next = START + (at + length) as u64;
        (target.wrapping_sub(next) as u32).to_le_bytes()
    };
    let mut code = vec![0xe8];
    code.extend(displacement(MORESTACK, 5));
    code.push(0xe9);
    code.extend(displacement(START, 10));
    code
}

/// A whole function: a check whose last byte is the displacement of a short jump to the tail, a frame of 16 bytes
/// that is opened and closed, and a tail that stores `spills` and calls `runtime.morestack`.
fn function(check: &[u8], spills: &[u8]) -> Vec<u8> {
    let frame = [
        0x48, 0x83, 0xec, 0x10, // sub rsp, 16
        0x48, 0x83, 0xc4, 0x10, // add rsp, 16
        0xc3, // ret
    ];
    let mut code = check.to_vec();
    *code.last_mut().unwrap() = frame.len() as u8;
    code.extend(frame);
    code.extend(spills);
    code.extend(morestack(code.len()));
    code
}

fn check_is_left_out(check: &[u8], spills: &[u8]) {
    let code = function(check, spills);
    let entry = START + check.len() as u64;
    assert_eq!(
        body(&code).unwrap(),
        Body {
            entry: Address(entry),
            stack_check: Some(Address(entry - 2)),
            loop_head: false,
            returns: vec![Address(entry + 8)],
            tail_jumps: vec![],
            calls: vec![Address(MORESTACK)],
        }
    );
}

#[test]
fn small_frames_compare_the_stack_pointer() {
    // cmp rsp, [r14+16]; jbe tail
    check_is_left_out(&[0x49, 0x3b, 0x66, 0x10, 0x76, 0], &[]);
}

#[test]
fn arguments_are_stored_before_the_call_of_morestack() {
    // mov [rsp+8], rax; mov [rsp+16], rbx; movsd [rsp+24], xmm0; nop
    let spills = [
        0x48, 0x89, 0x44, 0x24, 0x08, 0x48, 0x89, 0x5c, 0x24, 0x10, 0xf2, 0x0f, 0x11, 0x44, 0x24,
        0x18, 0x90,
    ];
    check_is_left_out(&[0x49, 0x3b, 0x66, 0x10, 0x76, 0], &spills);
}

#[test]
fn large_frames_compare_an_address_below_it() {
    // lea r12, [rsp-200h]; cmp r12, [r14+16]; jbe tail
    check_is_left_out(
        &[
            0x4c, 0x8d, 0xa4, 0x24, 0x00, 0xfe, 0xff, 0xff, 0x4d, 0x3b, 0x66, 0x10, 0x76, 0,
        ],
        &[],
    );
}

#[test]
fn huge_frames_jump_twice_and_the_second_counts() {
    // mov r12, rsp; sub r12, 20000h; jb tail; cmp r12, [r14+16]; jbe tail
    check_is_left_out(
        &[
            0x49, 0x89, 0xe4, 0x49, 0x81, 0xec, 0x00, 0x00, 0x02, 0x00, 0x72, 15, 0x4d, 0x3b, 0x66,
            0x10, 0x76, 0,
        ],
        &[],
    );
}

#[test]
fn before_1_17_g_is_in_thread_local_storage() {
    // mov rcx, fs:[-8]; cmp rsp, [rcx+16]; jbe tail
    let check = [
        0x64, 0x48, 0x8b, 0x0c, 0x25, 0xf8, 0xff, 0xff, 0xff, 0x48, 0x3b, 0x61, 0x10, 0x76, 0,
    ];
    check_is_left_out(&check, &[]);
}

#[test]
fn position_independent_code_loads_the_offset_of_g_first() {
    // mov rcx, [rip+1000h]; mov rcx, fs:[rcx]; cmp rsp, [rcx+16]; jbe tail
    let check = [
        0x48, 0x8b, 0x0d, 0x00, 0x10, 0x00, 0x00, 0x64, 0x48, 0x8b, 0x09, 0x48, 0x3b, 0x61, 0x10,
        0x76, 0,
    ];
    check_is_left_out(&check, &[]);
}

#[test]
fn huge_frames_before_1_17_ask_for_preemption_first() {
    // mov rcx, fs:[-8]; mov rsi, [rcx+16]; cmp rsi, -1314; je tail; lea rax, [rsp+928]; sub rax, rsi;
    // cmp rax, 20000h; jbe tail
    let check = [
        0x64, 0x48, 0x8b, 0x0c, 0x25, 0xf8, 0xff, 0xff, 0xff, 0x48, 0x8b, 0x71, 0x10, 0x48, 0x81,
        0xfe, 0xde, 0xfa, 0xff, 0xff, 0x74, 28, 0x48, 0x8d, 0x84, 0x24, 0xa0, 0x03, 0x00, 0x00,
        0x48, 0x29, 0xf0, 0x48, 0x3d, 0x00, 0x00, 0x02, 0x00, 0x76, 0,
    ];
    check_is_left_out(&check, &[]);
}

#[test]
fn without_a_check_the_first_instruction_is_the_entry() {
    // test rax, rax; je +1; ret; ret
    let code = [0x48, 0x85, 0xc0, 0x74, 0x01, 0xc3, 0xc3];
    assert_eq!(
        body(&code).unwrap(),
        Body {
            entry: Address(START),
            stack_check: None,
            loop_head: false,
            returns: vec![Address(START + 5), Address(START + 6)],
            tail_jumps: vec![],
            calls: vec![],
        }
    );
}

#[test]
fn the_stack_checks_jump_is_probed_where_the_next_instruction_is_stepped() {
    // cmp rsp, [r14+16]; jbe tail; push rbp; mov rbp, rsp; pop rbp; ret; tail
    let mut code = vec![
        0x49, 0x3b, 0x66, 0x10, 0x76, 6, 0x55, 0x48, 0x89, 0xe5, 0x5d, 0xc3,
    ];
    code.extend(morestack(code.len()));
    let pushes = body(&code).unwrap();
    assert_eq!(
        (pushes.entry, pushes.stack_check),
        (Address(START + 6), None)
    );
    // cmp rsp, [r14+16]; jne tail: which flags make it jump is not known.
    let other = function(&[0x49, 0x3b, 0x66, 0x10, 0x75, 0], &[]);
    assert_eq!(body(&other).unwrap().stack_check, None);
}

#[test]
fn a_stack_check_that_code_jumps_back_into_is_not_probed() {
    // cmp rsp, [r14+16]; jbe tail; sub rsp, 16; jmp to the jbe; ret; tail
    let mut code = vec![
        0x49, 0x3b, 0x66, 0x10, 0x76, 7, 0x48, 0x83, 0xec, 0x10, 0xeb, 0xf8, 0xc3,
    ];
    code.extend(morestack(code.len()));
    let body = body(&code).unwrap();
    assert_eq!((body.entry, body.stack_check), (Address(START + 6), None));
}

#[test]
fn a_frameless_body_that_jumps_to_its_first_instruction_is_a_loop_head() {
    // dec rax; jne start; ret
    let code = [0x48, 0xff, 0xc8, 0x75, 0xfb, 0xc3];
    assert!(body(&code).unwrap().loop_head);
}

#[test]
fn the_jump_back_after_morestack_makes_no_loop_head() {
    let code = function(&[0x49, 0x3b, 0x66, 0x10, 0x76, 0], &[]);
    assert!(!body(&code).unwrap().loop_head);
}

#[test]
fn a_jump_through_a_table_may_lead_to_the_entry() {
    // jmp rax; ret
    assert!(body(&[0xff, 0xe0, 0xc3]).unwrap().loop_head);
}

#[test]
fn code_after_the_frame_that_falls_into_morestack_is_no_check() {
    // cmp rsp, [r14+16]; jbe tail; sub rsp, 16; cmp rax, 1; jne tail-1; add rsp, 16; ret; nop; tail
    let mut code = vec![
        0x49, 0x3b, 0x66, 0x10, 0x76, 16, 0x48, 0x83, 0xec, 0x10, 0x48, 0x83, 0xf8, 0x01, 0x75, 5,
        0x48, 0x83, 0xc4, 0x10, 0xc3, 0x90,
    ];
    code.extend(morestack(code.len()));
    assert_eq!(body(&code).unwrap().entry, Address(START + 6));
}

#[test]
fn a_jump_out_of_the_function_is_a_tail_jump() {
    // jmp +1000h
    let code = [0xe9, 0x00, 0x10, 0x00, 0x00];
    let seen = body(&code).unwrap();
    assert_eq!(seen.tail_jumps, [Address(START + 5 + 0x1000)]);
    assert!(seen.returns.is_empty());
}

#[test]
fn padding_after_the_last_instruction_does_no_harm() {
    let seen = body(&[0xc3, 0xcc, 0xcc, 0x90, 0x0f, 0x1f, 0x00]).unwrap();
    assert_eq!(seen.returns, [Address(START)]);
}

#[test]
fn bytes_that_are_no_instruction_are_an_error_that_says_where() {
    // ret; 06 is invalid in 64-bit mode; a call that is cut off
    let expected = Err(CodeError::Undecodable(Address(START + 1)));
    assert_eq!(body(&[0xc3, 0x06]), expected);
    assert_eq!(body(&[0xc3, 0xe8, 0x00]), expected);
    assert_eq!(body(&[]), Err(CodeError::Empty(Address(START))));
}

#[test]
fn any_bytes_give_an_answer() {
    let mut random = fastrand::Rng::with_seed(1);
    for length in 0..400 {
        let code: Vec<u8> = (0..length).map(|_| random.u8(..)).collect();
        if let Ok(body) = body(&code) {
            let inside = START..START + code.len() as u64;
            assert!(inside.contains(&body.entry.0));
            assert!(body.returns.iter().all(|at| inside.contains(&at.0)));
        }
    }
}

/// What `go tool objdump` says of a function: its instructions as (address, text).
type Listing = Vec<(u64, String)>;

fn disassembled(binary: &std::path::Path) -> Vec<(String, Listing)> {
    let output = std::process::Command::new("go")
        .args(["tool", "objdump", "-s", r"^(main|fmt|runtime|os|strconv)\."])
        .arg(binary)
        .output()
        .unwrap();
    let mut functions: Vec<(String, Listing)> = Vec::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        if let Some(header) = line.strip_prefix("TEXT ") {
            let name = header.split("(SB)").next().unwrap();
            functions.push((name.to_owned(), Vec::new()));
        } else if let Some((_, listing)) = functions.last_mut() {
            let mut columns = line.split('\t').map(str::trim).filter(|c| !c.is_empty());
            let address = columns.find(|column| column.starts_with("0x"));
            let text = columns.nth(1);
            if let (Some(address), Some(text)) = (address, text) {
                let address = u64::from_str_radix(&address[2..], 16).unwrap();
                listing.push((address, text.to_owned()));
            }
        }
    }
    functions
}

/// The address after the last jump, before the frame is opened, to a line that calls morestack.
fn entry_by_listing(listing: &Listing) -> u64 {
    let Some(call) = listing
        .iter()
        .position(|(_, text)| text.starts_with("CALL runtime.morestack"))
    else {
        return listing[0].0;
    };
    let opens_frame = |text: &str| {
        text.starts_with("PUSHQ") || text.ends_with(", SP") && !text.starts_with("CMPQ")
    };
    let leads_to_call = |text: &str| {
        let Some((jump, target)) = text.split_once(" 0x") else {
            return false;
        };
        let target = u64::from_str_radix(target, 16).unwrap_or(0);
        jump.starts_with('J')
            && jump != "JMP"
            && listing
                .iter()
                .position(|(address, _)| *address == target)
                .is_some_and(|first| {
                    first <= call
                        && listing[first..call]
                            .iter()
                            .all(|(_, text)| !text.starts_with(['J', 'C']) && text != "RET")
                })
    };
    let check = listing
        .iter()
        .take_while(|(_, text)| !opens_frame(text) && !text.starts_with("CALL"))
        .enumerate()
        .filter(|(_, (_, text))| leads_to_call(text))
        .last();
    check.map_or(listing[0].0, |(index, _)| listing[index + 1].0)
}

#[test]
fn every_function_of_a_program_is_read_as_go_reads_it() {
    let program = crate::testing::Program::build(
        "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(\"x\") }\n",
    );
    let binary = crate::Binary::open(&program.binary).unwrap();
    let (mut compared, mut checked) = (0, 0);
    for (name, listing) in disassembled(&program.binary) {
        let start = Address(listing[0].0);
        let Some(function) = binary.function_at(start).filter(|f| f.start == start) else {
            continue;
        };
        let code = binary.code(start..function.end).unwrap();
        let body = decode(code, start, |address| {
            binary
                .function_at(address)
                .filter(|function| function.start == address)
                .map(|function| function.name.as_str())
        })
        .unwrap();
        let returns: Vec<_> = listing
            .iter()
            .filter(|(_, text)| text == "RET")
            .map(|(address, _)| Address(*address))
            .collect();
        assert_eq!(body.returns, returns, "{name}");
        // The functions of the stack's growth call one another without any check.
        if !name.starts_with("runtime.morestack") {
            assert_eq!(body.entry.0, entry_by_listing(&listing), "{name}");
        }
        compared += 1;
        checked += u32::from(body.entry != start);
    }
    assert!(compared > 1000 && checked > 500, "{compared} {checked}");
}
