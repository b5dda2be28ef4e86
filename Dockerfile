# The agent's image: Node, Magpie's sources and a bundle of them, nft, iptables and ip, and what these are linked with. Nothing else: no package manager, no npm, no shell tools. docs/image.md says how to build, check and mirror it.
#
# Nothing here names an architecture, so that `--platform` alone decides. Only features that buildah 1.28 has are used.

# To have the same image again, give the base by digest, the packages by date (snapshot.debian.org) and the clock:
#   --build-arg NODE_IMAGE=docker.io/library/node:26-slim@sha256:… --build-arg DEBIAN_SNAPSHOT=20261130T000000Z
#   --build-arg SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
ARG NODE_IMAGE=docker.io/library/node:26-slim

# Tools of the distribution, from one day where a day is given.
FROM ${NODE_IMAGE} AS tools
ARG DEBIAN_SNAPSHOT=
RUN if [ -n "$DEBIAN_SNAPSHOT" ]; then \
      sed -i -E "s#https?://deb.debian.org/(debian[a-z-]*)/?#http://snapshot.debian.org/archive/\1/$DEBIAN_SNAPSHOT#" \
        $(find /etc/apt -name '*.sources' -o -name '*.list'); \
      echo 'Acquire::Check-Valid-Until "false";' >/etc/apt/apt.conf.d/snapshot; \
    fi \
  && apt-get -q update \
  && DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends \
      binutils iproute2 iptables libatomic1 libcap2-bin nftables util-linux

# npm packages: those that the agent's sources import, as package-lock.json pins them. Needs no npm.
FROM ${NODE_IMAGE} AS packages
ARG PACKAGES_FROM=any
ARG NPM_CONFIG_REGISTRY=
WORKDIR /sources
COPY . .
RUN NODE_USE_SYSTEM_CA=1 node image/fetch-packages.mjs /sources /packages

# The agent's sources put together in a few files, which start in a fifth of the time. Made by the Node that will run them.
FROM packages AS bundle
RUN NODE_USE_SYSTEM_CA=1 node image/fetch-packages.mjs /sources /tools esbuild \
  && rm -rf node_modules && cp -r /packages/node_modules . && cp -r /tools/node_modules . \
  && ln -s ../iptables node_modules/nftables-js \
  && node bundle.mjs agent && node image/seal-bundle.mjs dist/agent.json

FROM tools AS root
ARG SOURCE_DATE_EPOCH=0
COPY image /image
# nft holds the redirection; both kinds of iptables are for kernels without nf_tables and for what others have put there; ip is for
# the return path of transparent sockets. iptables loads its extensions by name; nft asks for a terminal's description.
RUN /image/gather-root.sh /root-of-image /usr/local/bin/node /bin/sh /usr/sbin/nft /usr/sbin/iptables* /usr/sbin/ip6tables* \
      /sbin/ip /usr/bin/setpriv $(find /usr/lib -path '*/xtables/*.so') \
  && cd /root-of-image \
  && mkdir -p etc/alternatives usr/lib/terminfo/d usr/local/lib/magpie usr/share/magpie proc sys dev root \
  && cp -P --parents /etc/debian_version /etc/os-release /usr/lib/os-release /etc/host.conf /etc/nsswitch.conf \
      /etc/ld.so.conf /etc/ld.so.conf.d/* . \
  && cp $(find /lib/terminfo /usr/lib/terminfo /usr/share/terminfo -name dumb 2>/dev/null | head -n 1) usr/lib/terminfo/d/dumb \
  && { [ ! -e /usr/local/LICENSE ] || cp --parents /usr/local/LICENSE .; } \
  # Debug symbols of Node: a fifth of it.
  && strip --strip-unneeded usr/local/bin/node \
  && ldconfig -r . && rm -rf var/cache \
  && printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' 'magpie:x:65532:65532:magpie:/nonexistent:/bin/sh' >etc/passwd \
  && printf '%s\n' 'root:x:0:' 'magpie:x:65532:' >etc/group \
  && mkdir -m 1777 tmp run \
  # Possessed, not in effect: with the second, the kernel would refuse to start it wherever the pod grants one of them less.
  && mv usr/bin/setpriv usr/local/lib/magpie/grant \
  && cp /image/magpie-agent usr/local/bin/magpie-agent && chmod 755 usr/local/bin/magpie-agent
COPY --from=packages /packages /root-of-image/magpie
COPY package.json LICENSE /root-of-image/magpie/
COPY iptables /root-of-image/magpie/iptables
COPY src /root-of-image/magpie/src
COPY --from=bundle /sources/dist /root-of-image/magpie/dist
COPY package-lock.json /
RUN cd /root-of-image && mkdir -p magpie/node_modules \
  && ln -s ../iptables magpie/node_modules/nftables-js \
  && SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH} node /image/bill-of-materials.mjs . /package-lock.json >usr/share/magpie/sbom.cdx.json \
  # What git does not keep is set here, so that two checkouts give one image.
  && find . -type f -exec chmod a+r,go-w {} + && find . -type d ! -perm -1000 -exec chmod 755 {} + \
  && setcap cap_net_admin,cap_sys_ptrace,cap_dac_read_search=p usr/local/lib/magpie/grant \
  && find . -exec touch --no-dereference --date="@${SOURCE_DATE_EPOCH}" {} +

FROM scratch
ARG NODE_IMAGE
ARG VERSION=0.1.0
ARG REVISION=
LABEL org.opencontainers.image.title="magpie-agent" \
      org.opencontainers.image.description="Stands in a pod and hands requests to a developer's machine" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.base.name="${NODE_IMAGE}"
COPY --from=root /root-of-image /
# `nft -i` asks for a terminal it does not need.
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb NODE_ENV=production
WORKDIR /magpie
# Nobody in particular. With NET_ADMIN granted that is enough: /usr/local/bin/magpie-agent says how. Where file capabilities have no
# weight (allowPrivilegeEscalation: false) it takes `runAsUser: 0`, which with all else dropped has NET_ADMIN and nothing more.
USER 65532:65532
ENTRYPOINT ["magpie-agent"]
# For podman and docker; Kubernetes has probes of its own and ignores it. Starts a program, so not often.
HEALTHCHECK --interval=60s --timeout=10s --start-period=10s CMD ["magpie-agent", "health", "--runtime-dir", "auto"]
