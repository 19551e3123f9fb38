package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
)

// newCertificatesCommand writes what a cluster's components prove themselves with into a directory: one certificate
// authority (ca), the API server's certificate (server), an administrator's (admin), and the key that signs
// service account tokens (service-account).
func newCertificatesCommand() *cobra.Command {
	return &cobra.Command{
		Use:  "certificates DIRECTORY",
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, arguments []string) error {
			return writeCertificates(arguments[0])
		},
	}
}

func writeCertificates(directory string) error {
	ca, err := newIdentity(directory, "ca", &x509.Certificate{
		Subject:               pkix.Name{CommonName: "kindred-control-plane-ca"},
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}, nil)
	if err != nil {
		return err
	}
	_, err = newIdentity(directory, "server", &x509.Certificate{
		Subject:     pkix.Name{CommonName: "kube-apiserver"},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:    []string{"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv4(10, 0, 0, 1)},
	}, ca)
	if err != nil {
		return err
	}
	_, err = newIdentity(directory, "admin", &x509.Certificate{
		Subject:     pkix.Name{CommonName: "certificate-admin", Organization: []string{"system:masters"}},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, ca)
	if err != nil {
		return err
	}
	_, err = newKey(directory, "service-account")
	return err
}

// An identity is a certificate and the key it vouches for.
type identity struct {
	certificate *x509.Certificate
	key         crypto.Signer
}

// newIdentity writes NAME.crt and NAME.key, signed by the issuer, or by itself if there is none.
func newIdentity(directory, name string, template *x509.Certificate, issuer *identity) (*identity, error) {
	key, err := newKey(directory, name)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, fmt.Errorf("choose a serial number for %s: %w", name, err)
	}
	template.SerialNumber = serial
	template.NotBefore = time.Now().Add(-time.Hour) // tolerates clocks that disagree a little
	template.NotAfter = time.Now().AddDate(1, 0, 0)
	if issuer == nil {
		issuer = &identity{template, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer.certificate, key.Public(), issuer.key)
	if err != nil {
		return nil, fmt.Errorf("sign certificate %s: %w", name, err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("parse certificate %s: %w", name, err)
	}
	return &identity{certificate, key}, writePem(directory, name+".crt", "CERTIFICATE", der)
}

func newKey(directory, name string) (crypto.Signer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("generate key %s: %w", name, err)
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("encode key %s: %w", name, err)
	}
	return key, writePem(directory, name+".key", "EC PRIVATE KEY", der)
}

func writePem(directory, name, blockType string, der []byte) error {
	path := filepath.Join(directory, name)
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: blockType, Bytes: der}), 0o600); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
