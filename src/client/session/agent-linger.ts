/** How long an agent stays for us when its last client has left: enough for the same command to be run again without a new one. */
export const agentLingerMs = 1_000;
