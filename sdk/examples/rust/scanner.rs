// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

//! A local scanner in Rust: connects to ports and tells what each says first.
//!
//! `scan_addresses` is ordinary Rust. Around it stand the two things that a plugin in any language with
//! unwinding needs: a barrier that no panic passes, and the answer of a sink that is passed on.
mod abi;

use abi::*;
use std::io::Read;
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::os::raw::c_void;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::time::Duration;

const INTERFACE: &str = "scanhost.scanner.local/1";
const REVISION: u32 = 0; // a stable interface has none
const MANIFEST_TEXT: &str = r#"{
 "name": "scanner-banner-rust", "version": "0.1.0", "vendor": "scanhost contributors",
 "licence": "Apache-2.0", "abi": {"major": 1},
 "provides": [{"interface": "scanhost.scanner.local/1"}],
 "max_parallel": 4,
 "config_schema": {"type": "object", "additionalProperties": false, "properties": {
  "ports": {"type": "array", "default": [21, 22, 25, 80, 110, 143], "maxItems": 64,
   "items": {"type": "integer", "minimum": 1, "maximum": 65535}}}}
}"#;

const fn bytes_of<const N: usize>(text: &str) -> [u8; N] {
    let mut bytes = [0; N];
    let mut i = 0;
    while i < N {
        bytes[i] = text.as_bytes()[i];
        i += 1;
    }
    bytes
}

#[link_section = ".scanhost.manifest"]
#[used]
static MANIFEST: [u8; MANIFEST_TEXT.len()] = bytes_of(MANIFEST_TEXT);

/// How a call ends early: an error of ours, or a sink's answer.
enum Stop {
    Failed(i32, String),
    Refused(i32),
}

struct Scanner {
    ports: Vec<u16>,
}

/// A call and its sink, as safe functions.
struct Scan<'a> {
    call: &'a Call,
    sink: &'a ScanSink,
}

impl Scan<'_> {
    fn check(&self) -> Result<(), Stop> {
        match unsafe { (self.call.is_cancelled)(self.call) } {
            0 => Ok(()),
            _ => Err(Stop::Failed(ERROR_CANCELLED, "the scan was cancelled".into())),
        }
    }
    fn told(status: i32) -> Result<(), Stop> {
        if status == OK { Ok(()) } else { Err(Stop::Refused(status)) }
    }
    fn banner(&self, host: &str, port: u16, banner: &str) -> Result<(), Stop> {
        let port = port.to_string();
        let finding = Finding {
            struct_size: std::mem::size_of::<Finding>() as u32,
            severity: 0,
            exploit_available: -1,
            reserved: 0,
            host: Text::lend(host),
            port: Text::lend(&port),
            protocol: Text::lend("tcp"),
            service: Text::EMPTY,
            check_id: Text::lend("banner"),
            check_name: Text::lend("A service introduces itself"),
            family: Text::lend("Service detection"),
            check_key: Text::EMPTY,
            scores: [f64::NAN; 7], // an absent score is NaN: zero would be a score
            vectors_and_risk: [Text::EMPTY; 4],
            cve_cwe_xref: [Texts::EMPTY; 3],
            synopsis: Text::EMPTY,
            description: Text::EMPTY,
            solution: Text::EMPTY,
            see_also: Text::EMPTY,
            output: Text::lend(banner),
            dates: [Text::EMPTY; 4],
            extra: Pairs { items: std::ptr::null(), count: 0 },
            truncated: Texts::EMPTY,
            scanner_family: Text::EMPTY,
            fingerprint: Text::EMPTY,
            seen_us: [0; 2],
        };
        let record: *const Finding = &finding;
        Self::told(unsafe { (self.sink.findings)(self.sink.context, &record, 1) })
    }
    fn host(&self, host: &str) -> Result<(), Stop> {
        let report = HostReport {
            struct_size: std::mem::size_of::<HostReport>() as u32,
            state: HOST_ANSWERED,
            host: Text::lend(host),
            login: 0,
            reserved: 0,
            facts: Pairs { items: std::ptr::null(), count: 0 },
        };
        let record: *const HostReport = &report;
        Self::told(unsafe { (self.sink.hosts)(self.sink.context, &record, 1) })
    }
    fn end(&self, answered: u64, silent: u64) -> Result<(), Stop> {
        let summary = ScanSummary {
            struct_size: std::mem::size_of::<ScanSummary>() as u32,
            complete: 1,
            reason: Text::EMPTY,
            hosts_answered: answered,
            hosts_silent: silent,
            report_bytes: 0,
            login_findings: 0,
        };
        Self::told(unsafe { (self.sink.summary)(self.sink.context, &summary) })
    }
}

/// What a port says first, or nothing when nobody is there. A wait is short enough for a cancelled call.
fn banner_of(address: IpAddr, port: u16, most: usize) -> Option<String> {
    let wait = Duration::from_millis(900);
    let mut stream = TcpStream::connect_timeout(&SocketAddr::new(address, port), wait).ok()?;
    stream.set_read_timeout(Some(wait)).ok()?;
    let mut bytes = vec![0; most.min(512)];
    let got = stream.read(&mut bytes).unwrap_or(0);
    Some(String::from_utf8_lossy(&bytes[..got]).trim_end().to_string())
}

fn scan_addresses(scanner: &Scanner, addresses: &[String], scan: &Scan) -> Result<(), Stop> {
    let (mut answered, mut silent) = (0, 0);
    for text in addresses {
        let address: IpAddr = text.parse().map_err(|_| {
            Stop::Failed(ERROR_UNSUPPORTED, format!("'{}' is no single address; name them one by one", text))
        })?;
        let mut found = false;
        for &port in &scanner.ports {
            scan.check()?;
            if let Some(banner) = banner_of(address, port, scan.sink.max_text as usize) {
                found = true;
                scan.banner(text, port, &banner)?;
            }
        }
        if found {
            answered += 1;
            scan.host(text)?;
        } else {
            silent += 1;
        }
    }
    scan.check()?; // a port that was not waited for would pass for silent
    scan.end(answered, silent)
}

/// The boundary: no panic passes it, and every failure leaves its reason.
unsafe fn guarded(call: *const Call, body: impl FnOnce() -> Result<(), Stop>) -> i32 {
    let (class, message) = match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => return OK,
        Ok(Err(Stop::Refused(status))) => return status,
        Ok(Err(Stop::Failed(class, message))) => (class, message),
        Err(_) => (ERROR_INTERNAL, "a panic".to_string()),
    };
    let error = Error {
        struct_size: std::mem::size_of::<Error>() as u32,
        error_class: class,
        subject: SUBJECT_TASK,
        reserved: 0,
        retry_after_ns: 0,
        message: Text::lend(&message),
    };
    ((*call).fail)(call, &error)
}

/// The settings have passed the schema: the only numbers in them are the ports.
fn ports_in(settings: &[u8]) -> Vec<u16> {
    String::from_utf8_lossy(settings).split(|c: char| !c.is_ascii_digit()).filter_map(|word| word.parse().ok()).collect()
}

unsafe extern "C" fn create(_host: *const c_void, call: *const Call, args: *const CreateArgs, out: *mut *mut c_void) -> i32 {
    guarded(call, || {
        let scanner = Scanner { ports: ports_in((*args).settings.bytes()) };
        *out = Box::into_raw(Box::new(scanner)).cast();
        Ok(())
    })
}
unsafe extern "C" fn start(_self: *mut c_void, _call: *const Call) -> i32 {
    OK
}
unsafe extern "C" fn stop(_self: *mut c_void, _call: *const Call) {}
unsafe extern "C" fn destroy(scanner: *mut c_void) {
    drop(Box::from_raw(scanner.cast::<Scanner>()));
}

unsafe extern "C" fn describe(_self: *mut c_void, _call: *const Call, sink: *const ScannerSink) -> i32 {
    let description = ScannerDescription {
        struct_size: std::mem::size_of::<ScannerDescription>() as u32,
        reserved: 0,
        capabilities: SCANNER_PINS_NAMES,
        family: Text::EMPTY,
        url: Text::EMPTY,
    };
    ((*sink).description)((*sink).context, &description);
    OK
}
unsafe extern "C" fn self_test(_self: *mut c_void, _call: *const Call, sink: *const ScannerSink) -> i32 {
    let health = ScannerHealth {
        struct_size: std::mem::size_of::<ScannerHealth>() as u32,
        state: SCANNER_READY,
        reason: Text::EMPTY,
        version: Text::EMPTY,
        active_scans: -1,
    };
    ((*sink).health)((*sink).context, &health);
    OK
}

unsafe extern "C" fn scan(scanner: *mut c_void, call: *const Call, request: *const ScanRequest, sink: *const ScanSink) -> i32 {
    guarded(call, || {
        let request = &*request;
        let mut addresses = Vec::new();
        for i in 0..request.target_count as usize {
            let texts = (**request.targets.add(i)).addresses;
            for j in 0..texts.count as usize {
                addresses.push(String::from_utf8_lossy((*texts.items.add(j)).bytes()).into_owned());
            }
        }
        scan_addresses(&*scanner.cast::<Scanner>(), &addresses, &Scan { call: &*call, sink: &*sink })
    })
}

static SCANNER: LocalScanner = LocalScanner {
    base: Interface {
        struct_size: std::mem::size_of::<LocalScanner>() as u32,
        revision: REVISION,
        create,
        start,
        stop,
        destroy,
    },
    describe,
    self_test,
    scan,
};

unsafe extern "C" fn get_interface(id: Text) -> *const Interface {
    if id.bytes() == INTERFACE.as_bytes() { &SCANNER.base } else { std::ptr::null() }
}

static PLUGIN: Plugin = Plugin {
    struct_size: std::mem::size_of::<Plugin>() as u32,
    abi_minor: 0,
    manifest: Text { data: MANIFEST.as_ptr(), size: MANIFEST.len() as u64 },
    get_interface,
};

/// The one exported function.
#[no_mangle]
pub extern "C" fn scanhost_plugin_v1(_host: *const c_void) -> *const Plugin {
    &PLUGIN
}
