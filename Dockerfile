# The agent's image: Node, the sources as they are (types are stripped at run time), and the tools for redirection.
# Nothing is compiled: koffi carries its own binaries.

# Packages for production only. Needs package.json files alone, so that an edit of the sources does not fetch them again.
FROM node:26-slim AS packages
WORKDIR /magpie
COPY package.json package-lock.json .npmrc ./
COPY iptables/package.json iptables/
RUN npm ci --omit=dev --ignore-scripts

FROM node:26-slim
# nft holds the redirection; iptables is for kernels without nf_tables, ip for the return path of transparent sockets.
RUN apt-get update \
  && apt-get install -y --no-install-recommends nftables iptables iproute2 \
  && rm -rf /var/lib/apt/lists/*
# `nft -i` asks for a terminal it does not need.
ENV TERM=dumb NODE_ENV=production
WORKDIR /magpie
COPY --from=packages /magpie/node_modules node_modules
COPY package.json ./
COPY iptables iptables
COPY src src
# `magpie-agent ticket` is run by exec in the same container, so the command must be on the search path.
# `magpie` is for those who run the client in a container, too.
RUN chmod 755 src/agent/magpie-agent.js src/client/magpie.js \
  && ln -s /magpie/src/agent/magpie-agent.js /usr/local/bin/magpie-agent \
  && ln -s /magpie/src/client/magpie.js /usr/local/bin/magpie
# Root, because the redirection needs NET_ADMIN; the pod grants that one capability and nothing else.
USER root
ENTRYPOINT ["magpie-agent"]
