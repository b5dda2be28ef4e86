export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/**
 * What a shell evaluates once. It knows nothing of the commands: at each Tab it asks `magpie __complete`, which answers from the
 * tree of commands, so that it is never out of date. An answer is a line for each candidate, `value TAB about`; a first line `:files`,
 * `:directories` or `:command N` says what the shell completes itself, `:open` that no blank follows.
 */
export const shellScripts: Readonly<Record<Shell, string>> = {
  bash: `# bash completion of magpie; in ~/.bashrc: eval "$(magpie completion bash)"
_magpie() {
  local line="\${COMP_LINE:0:COMP_POINT}" partial strip answer value about
  local -a words=()
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  partial="\${words[\${#words[@]}-1]}"
  # Readline has broken the word at these already, and completes the rest of it.
  strip="\${partial%"\${partial##*[:=]}"}"
  [[ $strip == *:* && $COMP_WORDBREAKS != *:* ]] && strip=""
  [[ $strip == *= && $COMP_WORDBREAKS != *=* ]] && strip=""
  COMPREPLY=()
  while IFS=$'\\t' read -r value about; do
    case $value in
      :files) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "\${partial#"$strip"}") ;;
      :directories) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "\${partial#"$strip"}") ;;
      :open) compopt -o nospace ;;
      ":command "*)
        local from=$(( \${value#:command } + 1 ))
        if declare -F _command_offset >/dev/null; then _command_offset "$from"
        elif (( \${#words[@]} - 1 == from )); then mapfile -t COMPREPLY < <(compgen -c -- "$partial")
        else compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$partial")
        fi ;;
      ?*) COMPREPLY+=("\${value#"$strip"}") ;;
    esac
  done < <("\${words[0]}" __complete "\${words[@]:1}" 2>/dev/null)
}
complete -F _magpie magpie
`,
  zsh: `# zsh completion of magpie; in ~/.zshrc, behind compinit: eval "$(magpie completion zsh)"
_magpie() {
  local line value about from
  local -a described
  for line in "\${(@f)$("\${(Q)words[1]}" __complete "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
    value="\${line%%$'\\t'*}"
    about="\${line#*$'\\t'}"
    case $value in
      '') ;;
      :files) _files; return ;;
      :directories) _files -/; return ;;
      :open) ;;
      ':command '*)
        from=$(( \${value#:command } + 1 ))
        shift $from words
        (( CURRENT -= from ))
        _normal
        return ;;
      *) described+=("\${value//:/\\\\:}:$about") ;;
    esac
  done
  (( \${#described} )) && _describe -V magpie described
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
compdef _magpie magpie
`,
  fish: `# fish completion of magpie; in ~/.config/fish/config.fish: magpie completion fish | source
function __magpie_complete
  set -l tokens (commandline -opc)
  set -l partial (commandline -ct)
  for line in ($tokens[1] __complete $tokens[2..-1] "$partial" 2>/dev/null)
    switch $line
      case ':files' ':directories'
        __fish_complete_path "$partial"
      case ':open'
      case ':command *'
        set -l from (math (string replace ':command ' '' -- $line) + 2)
        if test (count $tokens) -lt $from
          __fish_complete_command
        else
          complete -C (string join ' ' -- (string escape -- $tokens[$from..-1]) "$partial")
        end
      case '*'
        echo $line
    end
  end
end
complete -c magpie -f -a '(__magpie_complete)'
`,
};
