// What the matrix asks of every program, in Java: see ../probe.ts.
import com.sun.net.httpserver.HttpServer;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;

public class Probe {
  public static void main(String[] words) throws Exception {
    switch (words[0]) {
      case "env" -> System.out.println(System.getenv(words[1]));
      case "cat" -> System.out.write(Files.readAllBytes(Path.of(words[1])));
      case "ls" -> {
        try (var entries = Files.list(Path.of(words[1]))) {
          entries.forEach(entry -> System.out.println(entry.getFileName()));
        }
      }
      case "tcp" -> {
        try (InputStream body = new URL("http://" + words[1] + ":" + words[2] + "/items").openStream()) {
          System.out.write(body.readAllBytes());
        }
      }
      case "udp" -> udp(words[1], Integer.parseInt(words[2]), words[3]);
      case "resolve" -> {
        for (InetAddress address : InetAddress.getAllByName(words[1])) System.out.println(address.getHostAddress());
      }
      case "serve" -> serve(Integer.parseInt(words[1]), words[2]);
      case "exit" -> System.exit(Integer.parseInt(words[1]));
      default -> System.exit(64);
    }
    System.out.flush();
  }

  private static void udp(String host, int port, String text) throws Exception {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSoTimeout(5_000);
      socket.send(new DatagramPacket(text.getBytes(), text.length(), InetAddress.getByName(host), port));
      DatagramPacket answer = new DatagramPacket(new byte[4096], 4096);
      socket.receive(answer);
      System.out.write(answer.getData(), 0, answer.getLength());
    }
  }

  private static void serve(int port, String text) throws Exception {
    HttpServer server = HttpServer.create(new InetSocketAddress(port), 16);
    server.createContext("/", exchange -> {
      exchange.sendResponseHeaders(200, text.length());
      try (var body = exchange.getResponseBody()) {
        body.write(text.getBytes());
      }
    });
    server.start();
    System.out.println("serving");
  }
}
