import type { FileMode } from "./file-rule.ts";

/** Paths that are treated alike for one reason. */
export interface BuiltInPaths {
  readonly mode: FileMode;
  /** Why, as the end of a sentence about one of them: "… since it …". */
  readonly because: string;
  /** As `path-pattern.ts` reads them. */
  readonly patterns: readonly string[];
}

/**
 * What is yours unless a rule of yours says otherwise: all that a program needs in order to run on this machine. Everything
 * else is the pod's: its configuration in /etc, its secrets and volumes, /var, /srv and /app.
 *
 * Also the pod's, on purpose: /etc/hostname, /etc/localtime and /etc/timezone (by these programs tell where they are, as by
 * HOSTNAME and TZ), /etc/ssl/certs, /etc/pki and /etc/ca-certificates (whom the pod trusts), and /run/secrets (what the
 * platform gives it). Of a few files Magpie makes the content (`made-files.ts`).
 */
export const builtInPaths: readonly BuiltInPaths[] = [
  {
    mode: "absent",
    because: "would look names up on this machine, past the pod's resolver",
    patterns: ["/run/nscd", "/run/systemd/resolve"],
  },
  {
    mode: "local",
    because: "is made by this machine's kernel, for the processes and devices that are here",
    patterns: ["/proc", "/sys", "/dev"],
  },
  {
    mode: "local",
    because: "holds the programs, libraries and data that are installed on this machine",
    patterns: [
      ...["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt"],
      ...["/nix", "/gnu", "/snap", "/var/lib/snapd", "/var/lib/flatpak", "/var/lib/dpkg", "/var/lib/rpm"],
      ...["/var/lib/apt", "/var/cache/apt", "/var/cache/fontconfig", "/var/cache/ldconfig"],
    ],
  },
  {
    mode: "local",
    because: "tells the dynamic linker where this machine's libraries are",
    patterns: [
      ...["/etc/ld.so.cache", "/etc/ld.so.preload", "/etc/ld.so.conf", "/etc/ld.so.conf.d"],
      ...["/etc/ld.so.nohwcap", "/etc/ld-musl-*.path"],
    ],
  },
  {
    mode: "local",
    because: "says how what is installed on this machine is set up, or which version of it is used",
    patterns: [
      ...["/etc/alternatives", "/etc/java", "/etc/java-*", "/etc/.java", "/etc/jvm", "/etc/maven"],
      ...[
        "/etc/python",
        "/etc/python2*",
        "/etc/python3*",
        "/etc/perl",
        "/etc/ruby*",
        "/etc/php",
        "/etc/php.ini",
      ],
      ...["/etc/php.d", "/etc/node", "/etc/npmrc", "/etc/nodejs", "/etc/lua", "/etc/R", "/etc/dotnet"],
      ...["/etc/mono", "/etc/erlang", "/etc/julia", "/etc/ghc", "/etc/fonts", "/etc/ImageMagick*"],
      ...["/etc/ssl/openssl.cnf", "/etc/ssl/openssl.cnf.d", "/etc/pki/tls/openssl.cnf", "/etc/gnutls"],
      ...["/etc/crypto-policies", "/etc/gcrypt", "/etc/libnl*", "/etc/magic", "/etc/magic.mime"],
      ...["/etc/apt", "/etc/dpkg", "/etc/yum*", "/etc/dnf", "/etc/rpm", "/etc/apk", "/etc/pacman*"],
      ...["/etc/debian_version", "/etc/os-release", "/etc/lsb-release", "/etc/*-release"],
    ],
  },
  {
    mode: "local",
    because:
      "tells the C library of this machine's users, or of names and numbers that are the same everywhere",
    patterns: [
      ...["/etc/passwd", "/etc/passwd-", "/etc/group", "/etc/group-", "/etc/shadow", "/etc/gshadow"],
      ...["/etc/subuid", "/etc/subgid", "/etc/login.defs", "/etc/shells", "/etc/pam.d", "/etc/pam.conf"],
      ...["/etc/security", "/etc/sudo*", "/etc/doas*", "/etc/protocols", "/etc/services", "/etc/rpc"],
      ...["/etc/networks", "/etc/ethers", "/etc/gai.conf", "/etc/host.conf", "/etc/locale.alias"],
      ...["/etc/locale.conf", "/etc/locale.gen", "/etc/default/locale"],
    ],
  },
  {
    mode: "local",
    because: "belongs to your terminal, shell or editor",
    patterns: [
      ...["/etc/terminfo", "/etc/inputrc", "/etc/profile", "/etc/profile.d", "/etc/bash.bashrc"],
      ...["/etc/bashrc", "/etc/bash_completion*", "/etc/bash.bash_logout", "/etc/zsh*", "/etc/zprofile"],
      ...["/etc/fish", "/etc/environment", "/etc/DIR_COLORS*", "/etc/screenrc", "/etc/tmux.conf"],
      ...["/etc/vim", "/etc/vimrc", "/etc/nanorc", "/etc/emacs", "/etc/gitconfig", "/etc/gitattributes"],
      ...["/etc/ssh/ssh_config", "/etc/ssh/ssh_config.d", "/etc/manpath.config", "/etc/lesskey"],
    ],
  },
  {
    mode: "local",
    because: "describes this machine's hardware, desktop or mounts",
    patterns: [
      ...["/etc/mtab", "/etc/fstab", "/etc/X11", "/etc/xdg", "/etc/gtk-*", "/etc/dconf", "/etc/drirc"],
      ...["/etc/glvnd", "/etc/vulkan", "/etc/OpenCL", "/etc/pulse", "/etc/alsa", "/etc/asound.conf"],
      ...["/etc/nvidia*", "/etc/udev", "/etc/selinux", "/etc/apparmor*", "/etc/numa*"],
    ],
  },
  {
    mode: "local",
    because: "is for scratch, or for what runs on this machine",
    patterns: [
      ...["/tmp", "/var/tmp", "/run/shm", "/run/lock", "/var/lock", "/run/user"],
      ...["/run/dbus", "/run/systemd", "/run/udev", "/run/media"],
      ...["/run/utmp", "/run/screen", "/run/tmux", "/run/opengl-driver"],
      ...["/run/current-system", "/run/wrappers", "/run/booted-system"],
    ],
  },
];
