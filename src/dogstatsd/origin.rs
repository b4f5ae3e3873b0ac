//! Who sends: what the agent needs to find the container that a line comes from.

use std::fs;
use std::path::Path;

/// The inode of the host's own cgroup namespace; there is nothing to tell apart in it.
const HOST_CGROUP_NAMESPACE: u64 = 0xEFFF_FFFB;
const CGROUP: &str = "/proc/self/cgroup";
const MOUNT_INFO: &str = "/proc/self/mountinfo";
const CGROUP_NAMESPACE: &str = "/proc/self/ns/cgroup";
const CGROUP_MOUNT: &str = "/sys/fs/cgroup";

/// The value of the field `c:`: `ci-<container id>`, else `in-<inode of the cgroup>`, else none.
///
/// Reads three small files; costs about a tenth of a millisecond.
pub(super) fn detect() -> Option<String> {
    let cgroup = fs::read_to_string(CGROUP).ok()?;
    if let Some(id) = container_id_of_cgroup(&cgroup) {
        return Some(format!("ci-{id}"));
    }
    let mounts = fs::read_to_string(MOUNT_INFO).unwrap_or_default();
    if let Some(id) = container_id_of_mounts(&mounts) {
        return Some(format!("ci-{id}"));
    }
    if inode(Path::new(CGROUP_NAMESPACE))? == HOST_CGROUP_NAMESPACE {
        return None;
    }
    cgroup_directories(&cgroup)
        .iter()
        .find_map(|directory| inode(Path::new(directory)))
        .map(|inode| format!("in-{inode}"))
}

/// The id at the end of the first path that has one. A line is `number:controllers:path`.
fn container_id_of_cgroup(cgroup: &str) -> Option<&str> {
    cgroup.lines().filter_map(|line| line.splitn(3, ':').nth(2)).find_map(|path| {
        let last = path.rsplit('/').next()?;
        id_at_end(last.strip_suffix(".scope").unwrap_or(last))
    })
}

/// Container runtimes mount `hostname` from a directory named after the container.
fn container_id_of_mounts(mounts: &str) -> Option<&str> {
    mounts.lines().flat_map(str::split_whitespace).find_map(|path| {
        let mut segments = path.rsplit('/');
        if segments.next()? != "hostname" {
            return None;
        }
        let mut inner = segments;
        // The id stands one or two directories above, after the name of the directory of all.
        let id = inner.by_ref().take(2).find_map(|segment| whole_id(segment))?;
        // A sandbox is the pod's, not the container's.
        (inner.next() != Some("sandboxes")).then_some(id)
    })
}

/// The directories of the memory controller (version 1) and of the unified hierarchy (version 2).
fn cgroup_directories(cgroup: &str) -> Vec<String> {
    let of = |wanted: &str| {
        cgroup.lines().find_map(|line| {
            let mut fields = line.splitn(3, ':').skip(1);
            let (controllers, path) = (fields.next()?, fields.next()?);
            let path = path.trim_end_matches('/');
            (controllers == wanted).then(|| match wanted {
                "" => format!("{CGROUP_MOUNT}{path}/"),
                _ => format!("{CGROUP_MOUNT}/{wanted}{path}/"),
            })
        })
    };
    ["memory", ""].into_iter().filter_map(of).collect()
}

fn whole_id(segment: &str) -> Option<&str> {
    id_at_end(segment).filter(|id| id.len() == segment.len())
}

/// The three shapes of an id: 64 hex digits; an ECS task (32 hex digits, a dash, a number); a UUID.
fn id_at_end(text: &str) -> Option<&str> {
    tail(text, 64).filter(|id| is_hex(id)).or_else(|| ecs_task(text)).or_else(|| uuid(text))
}

fn ecs_task(text: &str) -> Option<&str> {
    let (head, number) = text.rsplit_once('-')?;
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    let task = tail(head, 32).filter(|task| is_number && is_hex(task))?;
    tail(text, task.len() + 1 + number.len())
}

fn uuid(text: &str) -> Option<&str> {
    // Eight hex digits and then four groups of four, or 4-4-4-12.
    let shaped = |groups: &[usize]| {
        let length = groups.iter().sum::<usize>() + groups.len() - 1;
        tail(text, length).filter(|id| {
            let lengths = id.split(['-', '_']).map(|group| is_hex(group).then_some(group.len()));
            lengths.eq(groups.iter().copied().map(Some))
        })
    };
    shaped(&[8, 4, 4, 4, 12]).or_else(|| shaped(&[8, 4, 4, 4, 4]))
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

fn tail(text: &str, length: usize) -> Option<&str> {
    text.get(text.len().checked_sub(length)?..)
}

#[cfg(unix)]
fn inode(path: &Path) -> Option<u64> {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).ok().map(|metadata| metadata.ino()).filter(|&inode| inode > 2)
}

#[cfg(not(unix))]
fn inode(_path: &Path) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "3f9a1c0b7e5d42a68f00c1b2d3e4f5a6978812345670abcdeffedcba98765432";

    #[test]
    fn ids_are_found_in_the_cgroups_of_many_runtimes() {
        let ecs = "0123456789abcdef0123456789abcdef-1234567890";
        let uuid = "34dc0b5e-626f-2c5c-4c51-70e34b10e765";
        let garden = "6f265890-5165-7fab-6b52-18d1";
        for (path, id) in [
            (format!("/docker/{ID}"), ID),
            (format!("/system.slice/docker-{ID}.scope"), ID),
            (format!("/kubepods/burstable/pod2d3da189-6407-48e3-9ab6-78188d75e609/{ID}"), ID),
            (format!("/kubepods.slice/kubepods-pod1.slice/cri-containerd-{ID}.scope"), ID),
            (format!("/kubepods.slice/kubepods-pod1.slice/crio-{ID}"), ID),
            (format!("/ecs/1f0c/{ecs}"), ecs),
            (format!("/ecs/task/{ID}"), ID),
            (format!("/{uuid}"), uuid),
            (format!("/garden/{garden}"), garden),
        ] {
            let cgroup = format!("12:pids:/\n11:memory:{path}\n0::/init.scope\n");
            assert_eq!(container_id_of_cgroup(&cgroup), Some(id), "{path}");
        }
    }

    #[test]
    fn a_host_has_no_container() {
        for cgroup in [
            "0::/\n",
            "0::/user.slice/user-1000.slice/session-2.scope\n",
            "1:name=systemd:/init.scope\n0::/system.slice/api.service\n",
            "garbage\n:::\n\n0::",
            "0::/docker/éééééééééééééééééééééééééééééééé",
        ] {
            assert_eq!(container_id_of_cgroup(cgroup), None, "{cgroup}");
        }
    }

    #[test]
    fn mounts_tell_where_a_private_cgroup_does_not() {
        let docker = format!(
            "600 590 254:1 /var/lib/docker/containers/{ID}/resolv.conf /etc/resolv.conf rw\n\
             601 590 254:1 /var/lib/docker/containers/{ID}/hostname /etc/hostname rw - ext4 /dev/a rw\n"
        );
        assert_eq!(container_id_of_mounts(&docker), Some(ID));
        let podman = format!("1 2 0:3 /containers/{ID}/userdata/hostname /etc/hostname rw\n");
        assert_eq!(container_id_of_mounts(&podman), Some(ID));
        let sandbox = format!("1 2 0:3 /containerd/cri/sandboxes/{ID}/hostname /etc/hostname rw\n");
        assert_eq!(container_id_of_mounts(&sandbox), None);
        assert_eq!(container_id_of_mounts("1 2 0:3 / /etc/hostname rw\nhostname\n/hostname"), None);
    }

    #[test]
    fn the_inode_is_looked_up_where_the_controller_is_mounted() {
        let first = "12:pids:/a\n5:memory:/docker/x\n";
        assert_eq!(cgroup_directories(first), ["/sys/fs/cgroup/memory/docker/x/"]);
        assert_eq!(cgroup_directories("0::/\n"), ["/sys/fs/cgroup/"]);
        assert_eq!(cgroup_directories("0::/../a\n"), ["/sys/fs/cgroup/../a/"]);
    }
}
