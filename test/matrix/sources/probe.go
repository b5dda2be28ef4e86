// What the matrix asks of every program, in Go: see ../probe.ts. Built without cgo, so that Go's own resolver is used.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"
)

func main() {
	words := os.Args[1:]
	if err := run(words); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(words []string) error {
	switch words[0] {
	case "env":
		fmt.Println(os.Getenv(words[1]))
	case "cat":
		content, err := os.ReadFile(words[1])
		if err != nil {
			return err
		}
		os.Stdout.Write(content)
	case "ls":
		entries, err := os.ReadDir(words[1])
		if err != nil {
			return err
		}
		for _, entry := range entries {
			fmt.Println(entry.Name())
		}
	case "tcp":
		response, err := http.Get("http://" + net.JoinHostPort(words[1], words[2]) + "/items")
		if err != nil {
			return err
		}
		_, err = io.Copy(os.Stdout, response.Body)
		return err
	case "udp":
		return udp(net.JoinHostPort(words[1], words[2]), words[3])
	case "resolve":
		addresses, err := net.LookupHost(words[1])
		if err != nil {
			return err
		}
		for _, address := range addresses {
			fmt.Println(address)
		}
	case "serve":
		listener, err := net.Listen("tcp", ":"+words[1])
		if err != nil {
			return err
		}
		fmt.Println("serving")
		return http.Serve(listener, http.HandlerFunc(func(response http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(response, words[2])
		}))
	case "exit":
		code, _ := strconv.Atoi(words[1])
		os.Exit(code)
	}
	return nil
}

func udp(to, text string) error {
	connection, err := net.Dial("udp", to)
	if err != nil {
		return err
	}
	connection.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err = connection.Write([]byte(text)); err != nil {
		return err
	}
	answer := make([]byte, 4096)
	length, err := connection.Read(answer)
	if err == nil {
		os.Stdout.Write(answer[:length])
	}
	return err
}
