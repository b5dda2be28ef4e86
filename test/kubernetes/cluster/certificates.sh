#!/bin/sh
# certificates.sh FOLDER NODE-ADDRESS NODE-NAME
#
# Makes what the parts of a cluster show each other, valid for thirty days: a certificate authority, a key pair for each part, and
# the key that signs service account tokens (kubernetes.io/docs/setup/best-practices/certificates).
set -eu
cd "$1"
address=$2
node=$3

key() {
  openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"
}
# part FILE SUBJECT [NAMES]
part() {
  key "$1"
  openssl req -new -key "$1.key" -subj "$2" -out "$1.csr"
  printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth,clientAuth\n' "${3:-DNS:none}" >"$1.ext"
  openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -extfile "$1.ext" -out "$1.crt" 2>/dev/null
  rm "$1.csr" "$1.ext"
}

key ca
openssl req -x509 -new -key ca.key -subj /CN=magpie-test-ca -days 30 -out ca.crt
part apiserver /CN=kube-apiserver "DNS:localhost,DNS:kubernetes.default.svc,IP:127.0.0.1,IP:$address,IP:10.250.0.1"
part admin /O=system:masters/CN=admin
part controller-manager /CN=system:kube-controller-manager
part scheduler /CN=system:kube-scheduler
part kubelet "/O=system:nodes/CN=system:node:$node" "DNS:$node,IP:$address"
part kubelet-client /O=system:masters/CN=kube-apiserver-kubelet-client
openssl genrsa -out service-accounts.key 2048 2>/dev/null
openssl rsa -in service-accounts.key -pubout -out service-accounts.pub 2>/dev/null
