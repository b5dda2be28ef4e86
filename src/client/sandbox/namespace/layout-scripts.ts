/**
 * Lays out what its first argument says to ip(8) and its second to nft(8), side by side. Says on its output what went wrong,
 * and nothing when nothing did.
 */
export const layoutScript = `printf %s "$1" | ip -batch - & ip=$!
printf %s "$2" | nft -f -; nft=$?
wait $ip && [ $nft = 0 ] || echo "ip and nft gave $? and $nft"`;

/**
 * Lays out, beside that, what its third argument says to \`ip -force\`, and whatever that may do; all of it behind the back
 * of the program that its further arguments name, which gets the process of it as a last one. The report goes to descriptor
 * 4. Descriptor 3 is the program's alone: whoever else held it would hide its end.
 */
export const startScript = `echo 0 2>/dev/null >/proc/sys/net/ipv6/conf/lo/disable_ipv6
{
  printf %s "$3" | ip -force -batch - >/dev/null 2>&1 & device=$!
  ${layoutScript}
  wait $device
} 3<&- >&4 2>&1 &
shift 3
exec "$@" $! 4>&-`;
