// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

//! What a local scanner uses of the C headers in scanhost/abi, by hand: names are theirs without the
//! prefix. Each struct is checked against the size that its header asserts or that C gives it.
#![allow(dead_code)]

use std::os::raw::c_void;

pub const OK: i32 = 0;
pub const ERROR_INTERNAL: i32 = 2;
pub const ERROR_UNSUPPORTED: i32 = 7;
pub const ERROR_CANCELLED: i32 = 10;
pub const SUBJECT_TASK: i32 = 0;
pub const SCANNER_PINS_NAMES: u64 = 1 << 1;
pub const SCANNER_READY: i32 = 0;
pub const HOST_ANSWERED: i32 = 0;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Text {
    pub data: *const u8,
    pub size: u64,
}

impl Text {
    pub const EMPTY: Text = Text { data: std::ptr::null(), size: 0 };

    /// Lends `text`, which must outlive the use.
    pub fn lend(text: &str) -> Text {
        Text { data: text.as_ptr(), size: text.len() as u64 }
    }
    /// # Safety
    /// What `self` points at is valid for the call.
    pub unsafe fn bytes<'a>(self) -> &'a [u8] {
        if self.size == 0 {
            return &[];
        }
        std::slice::from_raw_parts(self.data, self.size as usize)
    }
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Texts {
    pub items: *const Text,
    pub count: u64,
}

impl Texts {
    pub const EMPTY: Texts = Texts { items: std::ptr::null(), count: 0 };
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Pairs {
    pub items: *const c_void,
    pub count: u64,
}

#[repr(C)]
pub struct Error {
    pub struct_size: u32,
    pub error_class: i32,
    pub subject: i32,
    pub reserved: u32,
    pub retry_after_ns: i64,
    pub message: Text,
}

#[repr(C)]
pub struct Call {
    pub struct_size: u32,
    pub cancel_fd: i32,
    pub deadline_ns: i64,
    pub trace: [u8; 32],
    pub is_cancelled: unsafe extern "C" fn(*const Call) -> i32,
    pub log: unsafe extern "C" fn(*const Call, *const c_void),
    pub fail: unsafe extern "C" fn(*const Call, *const Error) -> i32,
}

#[repr(C)]
pub struct CreateArgs {
    pub struct_size: u32,
    pub reserved: u32,
    pub instance: Text,
    pub settings: Text,
    pub data_dir: Text,
}

#[repr(C)]
pub struct Interface {
    pub struct_size: u32,
    pub revision: u32,
    pub create: unsafe extern "C" fn(*const c_void, *const Call, *const CreateArgs, *mut *mut c_void) -> i32,
    pub start: unsafe extern "C" fn(*mut c_void, *const Call) -> i32,
    pub stop: unsafe extern "C" fn(*mut c_void, *const Call),
    pub destroy: unsafe extern "C" fn(*mut c_void),
}

#[repr(C)]
pub struct Plugin {
    pub struct_size: u32,
    pub abi_minor: u32,
    pub manifest: Text,
    pub get_interface: unsafe extern "C" fn(Text) -> *const Interface,
}
// The table holds pointers to what never changes.
unsafe impl Sync for Plugin {}

#[repr(C)]
pub struct ScannerDescription {
    pub struct_size: u32,
    pub reserved: u32,
    pub capabilities: u64,
    pub family: Text,
    pub url: Text,
}

#[repr(C)]
pub struct ScannerHealth {
    pub struct_size: u32,
    pub state: i32,
    pub reason: Text,
    pub version: Text,
    pub active_scans: i64,
}

#[repr(C)]
pub struct ScannerSink {
    pub struct_size: u32,
    pub reserved: u32,
    pub context: *mut c_void,
    pub description: unsafe extern "C" fn(*mut c_void, *const ScannerDescription),
    pub health: unsafe extern "C" fn(*mut c_void, *const ScannerHealth),
}

#[repr(C)]
pub struct Target {
    pub struct_size: u32,
    pub reserved: u32,
    pub given: Text,
    pub addresses: Texts,
    pub is_name: i32,
    pub reserved2: u32,
}

#[repr(C)]
pub struct ScanRequest {
    pub struct_size: u32,
    pub attempt: i32,
    pub launch: u64,
    pub task_id: Text,
    pub marker: Text,
    pub name: Text,
    pub description: Text,
    pub scan_type: Text,
    pub settings: Text,
    pub targets: *const *const Target,
    pub target_count: u64,
    pub credential: *const c_void,
}

#[repr(C)]
pub struct Finding {
    pub struct_size: u32,
    pub severity: i32,
    pub exploit_available: i32,
    pub reserved: u32,
    pub host: Text,
    pub port: Text,
    pub protocol: Text,
    pub service: Text,
    pub check_id: Text,
    pub check_name: Text,
    pub family: Text,
    pub check_key: Text,
    pub scores: [f64; 7],
    pub vectors_and_risk: [Text; 4],
    pub cve_cwe_xref: [Texts; 3],
    pub synopsis: Text,
    pub description: Text,
    pub solution: Text,
    pub see_also: Text,
    pub output: Text,
    pub dates: [Text; 4],
    pub extra: Pairs,
    pub truncated: Texts,
    pub scanner_family: Text,
    pub fingerprint: Text,
    pub seen_us: [i64; 2],
}

#[repr(C)]
pub struct HostReport {
    pub struct_size: u32,
    pub state: i32,
    pub host: Text,
    pub login: u32,
    pub reserved: u32,
    pub facts: Pairs,
}

#[repr(C)]
pub struct ScanSummary {
    pub struct_size: u32,
    pub complete: i32,
    pub reason: Text,
    pub hosts_answered: u64,
    pub hosts_silent: u64,
    pub report_bytes: u64,
    pub login_findings: u64,
}

#[repr(C)]
pub struct ScanSink {
    pub struct_size: u32,
    pub max_batch: u32,
    pub max_text: u64,
    pub context: *mut c_void,
    pub findings: unsafe extern "C" fn(*mut c_void, *const *const Finding, u64) -> i32,
    pub hosts: unsafe extern "C" fn(*mut c_void, *const *const HostReport, u64) -> i32,
    pub progress: unsafe extern "C" fn(*mut c_void, i32, Text) -> i32,
    pub summary: unsafe extern "C" fn(*mut c_void, *const ScanSummary) -> i32,
}

#[repr(C)]
pub struct LocalScanner {
    pub base: Interface,
    pub describe: unsafe extern "C" fn(*mut c_void, *const Call, *const ScannerSink) -> i32,
    pub self_test: unsafe extern "C" fn(*mut c_void, *const Call, *const ScannerSink) -> i32,
    pub scan: unsafe extern "C" fn(*mut c_void, *const Call, *const ScanRequest, *const ScanSink) -> i32,
}

const fn same(size: usize, expected: usize) {
    assert!(size == expected, "a struct is not laid out as in scanhost/abi");
}
const _: () = {
    same(std::mem::size_of::<Error>(), 40);
    same(std::mem::size_of::<Call>(), 72);
    same(std::mem::size_of::<CreateArgs>(), 56);
    same(std::mem::size_of::<Interface>(), 40);
    same(std::mem::size_of::<Plugin>(), 32);
    same(std::mem::size_of::<ScannerDescription>(), 48);
    same(std::mem::size_of::<ScannerHealth>(), 48);
    same(std::mem::size_of::<ScannerSink>(), 32);
    same(std::mem::size_of::<Target>(), 48);
    same(std::mem::size_of::<ScanRequest>(), 136);
    same(std::mem::size_of::<Finding>(), 536);
    same(std::mem::size_of::<HostReport>(), 48);
    same(std::mem::size_of::<ScanSummary>(), 56);
    same(std::mem::size_of::<ScanSink>(), 56);
    same(std::mem::size_of::<LocalScanner>(), 64);
};
