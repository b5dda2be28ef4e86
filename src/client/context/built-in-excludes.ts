/** Names that stay with the machine for one reason. */
export interface ExcludeGroup {
  /** Why, as the end of a sentence about one of them: "… since it …". */
  readonly because: string;
  /** `*` is any run of characters. */
  readonly names: readonly string[];
}

/**
 * Variables that stay yours unless a rule of yours says otherwise: what they mean depends on the machine or the user, or they
 * are handles that only one process has.
 *
 * HOSTNAME, locale, time zone, proxies, files of certificates, limits of a runtime and all that the platform tells the pod of
 * itself are not among them: programs tell by these who and where they are, and how to behave. Stars stand only where no
 * app's own setting would fit: LD_SDK_KEY, HISTORY_URL, YARN_CONF_DIR and the like are the pod's.
 */
export const builtInExcludes: readonly ExcludeGroup[] = [
  {
    because: "names folders of the machine where programs, libraries and data are looked for",
    names: [
      ...["PATH", "MANPATH", "INFOPATH", "PKG_CONFIG_*", "ACLOCAL_PATH", "GCONV_PATH", "LOCPATH", "NLSPATH"],
      ...["LD_LIBRARY_PATH", "LD_PRELOAD", "LD_AUDIT", "LD_BIND_*", "LD_DEBUG*", "LD_DYNAMIC_WEAK"],
      ...["LD_ORIGIN_PATH", "LD_PROFILE*", "LD_RUN_PATH", "LD_SHOW_AUXV", "LD_HWCAP_MASK", "LD_TRACE_*"],
      ...["DYLD_*", "TZDIR", "TERMINFO", "TERMINFO_DIRS"],
    ],
  },
  {
    because: "tells who the user is and where the user's files are",
    names: [
      ...["HOME", "USER", "LOGNAME", "MAIL", "TMPDIR", "TMP", "TEMP", "XDG_*", "SUDO_*", "GNUPGHOME"],
      ...["SSH_AUTH_SOCK", "SSH_AGENT_PID", "SSH_CLIENT", "SSH_CONNECTION", "SSH_TTY", "SSH_ASKPASS"],
      ...["GPG_AGENT_INFO", "GPG_TTY", "DBUS_SESSION_BUS_*", "DBUS_STARTER_*", "KRB5CCNAME"],
    ],
  },
  {
    because: "is a shell's own state, or is run by shells that read it",
    names: [
      ...["SHELL", "PWD", "OLDPWD", "SHLVL", "_", "IFS", "CDPATH", "OPTIND", "ZDOTDIR"],
      ...["BASH", "BASHOPTS", "BASH_*", "SHELLOPTS", "GLOBIGNORE"],
      ...["PS0", "PS1", "PS2", "PS3", "PS4", "PROMPT_COMMAND"],
      ...["HISTFILE", "HISTFILESIZE", "HISTSIZE", "HISTCONTROL", "HISTIGNORE", "HISTTIMEFORMAT"],
    ],
  },
  {
    because: "describes the terminal or desktop that you sit at",
    names: [
      ...["TERM", "TERM_PROGRAM", "TERM_PROGRAM_VERSION", "TERM_SESSION_ID", "COLORTERM", "COLUMNS", "LINES"],
      ...["LS_COLORS", "TMUX", "TMUX_PANE", "STY", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "EDITOR"],
      ...["VISUAL", "PAGER", "LESS", "LESSOPEN", "LESSCLOSE"],
    ],
  },
  {
    because: "says where a language's runtime or its packages are installed",
    names: [
      ...["JAVA_HOME", "JRE_HOME", "JDK_HOME", "CLASSPATH", "M2_HOME", "MAVEN_HOME", "SDKMAN_*"],
      ...["GRADLE_HOME", "GRADLE_USER_HOME", "PYTHONHOME", "PYTHONPATH", "PYTHONUSERBASE"],
      ...["PYTHONEXECUTABLE", "PYTHONPYCACHEPREFIX", "VIRTUAL_ENV", "CONDA_*", "PYENV_*", "POETRY_HOME"],
      ...["PIP_*", "UV_CACHE_DIR", "UV_PYTHON*", "UV_TOOL_*", "NODE_PATH", "NVM_*", "npm_*"],
      ...["NPM_CONFIG_PREFIX", "NPM_CONFIG_CACHE", "YARN_CACHE_FOLDER", "YARN_GLOBAL_FOLDER", "PNPM_HOME"],
      ...["GEM_HOME", "GEM_PATH", "RUBYLIB", "RBENV_*", "rvm_*", "BUNDLE_PATH", "BUNDLE_BIN"],
      ...["BUNDLE_GEMFILE", "BUNDLE_APP_CONFIG", "GOROOT", "GOPATH", "GOBIN", "GOCACHE", "GOMODCACHE"],
      ...["GOENV", "GOTOOLCHAIN", "CARGO_HOME", "CARGO_TARGET_DIR", "RUSTUP_*", "PERL5LIB", "PERLLIB"],
      ...["PERL_LOCAL_LIB_ROOT", "PERL_MB_OPT", "PERL_MM_OPT", "PHPRC", "PHP_INI_*", "COMPOSER_HOME"],
      ...["COMPOSER_CACHE_DIR", "LUA_PATH*", "LUA_CPATH*", "DOTNET_ROOT*", "NUGET_PACKAGES", "ERL_LIBS"],
      ...["MIX_HOME", "HEX_HOME", "R_HOME", "R_LIBS*", "JULIA_DEPOT_PATH", "JULIA_LOAD_PATH"],
    ],
  },
  {
    because: "makes a runtime load files of the pod into the program, such as an agent that watches it",
    names: [
      ...["NODE_OPTIONS", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "PYTHONSTARTUP"],
      ...["RUBYOPT", "PERL5OPT", "PERL5DB", "CORECLR_ENABLE_PROFILING", "CORECLR_PROFILER*"],
      ...["COR_ENABLE_PROFILING", "COR_PROFILER*", "DOTNET_STARTUP_HOOKS", "DOTNET_ADDITIONAL_DEPS"],
      ...["DOTNET_SHARED_STORE"],
    ],
  },
  {
    because: "stands for a descriptor or socket that the pod's own process was started with",
    names: [
      ...["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"],
      ...["MAINPID", "INVOCATION_ID", "JOURNAL_STREAM", "NODE_CHANNEL_FD", "NODE_UNIQUE_ID"],
      ...["NODE_CHANNEL_SERIALIZATION_MODE", "GUNICORN_FD", "MAKEFLAGS", "MFLAGS"],
    ],
  },
  { because: "is a setting of Magpie itself", names: ["MAGPIE_*"] },
];
