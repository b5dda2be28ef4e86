/**
 * Files whose content Magpie makes out of the pod's, so that every resolver sends its questions to the pod's name server. A
 * rule of the user decides about one only when it names that very file.
 */
export const madeFiles: readonly string[] = ["/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf"];

/** Why, as the end of a sentence about one of them: "… since it …". */
export const whyMade = "says how names are looked up, which is done in the pod";
