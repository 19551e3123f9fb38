// The replay server: what the real API server sent, again and fast. It is started with a recording and the number of objects that
// each collection is to have, prints where its kubeconfig is, and ends when its standard input does.
package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"flag"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

func main() {
	folder := flag.String("recording", "", "the folder with the recording")
	pods := flag.Int("pods", 0, "how many pods there are")
	configMaps := flag.Int("configmaps", 0, "how many ConfigMaps there are")
	out := flag.String("out", "", "a folder for the kubeconfig")
	flag.Parse()
	s, err := load(*folder, map[string]int{"pods": *pods, "configmaps": *configMaps})
	if err != nil {
		log.Fatal(err)
	}
	certificate, ca, err := certify()
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	url := fmt.Sprintf("https://%s", listener.Addr())
	kubeconfig := filepath.Join(*out, "kubeconfig")
	if err := os.WriteFile(kubeconfig, kubeconfigOf(url, ca), 0o600); err != nil {
		log.Fatal(err)
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	server := &http.Server{
		Handler:   s,
		ConnState: s.connState,
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}},
		ErrorLog:  log.New(io.Discard, "", 0),
	}
	// The benchmark's own questions go elsewhere: the connections that are counted are the contender's.
	control, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go func() { log.Fatal(http.Serve(control, http.HandlerFunc(s.control))) }()
	_ = json.NewEncoder(os.Stdout).Encode(map[string]string{
		"control":    fmt.Sprintf("http://%s", control.Addr()),
		"kubeconfig": kubeconfig,
	})
	log.Fatal(server.ServeTLS(listener, "", ""))
}

// certify makes an authority that vouches for itself on 127.0.0.1.
func certify() (tls.Certificate, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	request := &x509.Certificate{
		SerialNumber:          big.NewInt(time.Now().UnixNano()),
		Subject:               pkix.Name{CommonName: "replay"},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(24 * time.Hour),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
	// rustls takes no authority for a server: two certificates.
	authority, err := x509.CreateCertificate(rand.Reader, request, request, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	leaf := *request
	leaf.SerialNumber = big.NewInt(time.Now().UnixNano() + 1)
	leaf.Subject = pkix.Name{CommonName: "127.0.0.1"}
	leaf.IsCA = false
	leaf.KeyUsage = x509.KeyUsageDigitalSignature
	leafKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	signed, err := x509.CreateCertificate(rand.Reader, &leaf, request, &leafKey.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authority})
	return tls.Certificate{Certificate: [][]byte{signed}, PrivateKey: leafKey}, ca, nil
}

func kubeconfigOf(url string, ca []byte) []byte {
	config := map[string]any{
		"apiVersion":      "v1",
		"kind":            "Config",
		"current-context": "replay",
		"clusters": []any{map[string]any{
			"name":    "replay",
			"cluster": map[string]any{"server": url, "certificate-authority-data": ca},
		}},
		"users":    []any{map[string]any{"name": "replay", "user": map[string]any{"token": "replay"}}},
		"contexts": []any{map[string]any{"name": "replay", "context": map[string]any{"cluster": "replay", "user": "replay"}}},
	}
	encoded, _ := json.Marshal(config)
	return encoded
}

func replaceOnce(in []byte, old, with string) []byte {
	return bytes.Replace(in, []byte(old), []byte(with), 1)
}
