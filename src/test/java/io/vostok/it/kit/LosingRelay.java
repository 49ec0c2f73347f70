package io.vostok.it.kit;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stands between clients and a broker, on another loopback address and the same port, and loses answers to sends: the
 * broker has stored the message, and the client's connection ends before it hears of it.
 */
public final class LosingRelay implements AutoCloseable {
    /** Where clients are to be told that the broker is. */
    public static final String HOST = "127.0.0.2";

    private final ServerSocket door;
    private final int port;
    private final AtomicInteger toLose = new AtomicInteger();
    private final AtomicInteger lost = new AtomicInteger();

    public LosingRelay(int port) {
        this.port = port;
        try {
            door = new ServerSocket();
            door.bind(new InetSocketAddress(InetAddress.getByName(HOST), port));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        run("relay", this::accept);
    }

    /** Loses the next {@code answers} answers to sends. */
    public void lose(int answers) {
        toLose.set(answers);
    }

    public int lost() {
        return lost.get();
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = door.accept();
            Socket broker = new Socket(InetAddress.getLoopbackAddress(), port);
            run("to broker", () -> forward(client, broker));
            run("to client", () -> answer(broker, client));
        }
    }

    private static void forward(Socket from, Socket to) throws IOException {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] chunk = new byte[8_192];
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) out.write(chunk, 0, read);
        }
    }

    private void answer(Socket from, Socket to) throws IOException {
        try (from;
                to) {
            DataInputStream in = new DataInputStream(from.getInputStream());
            OutputStream out = to.getOutputStream();
            while (true) {
                byte[] frame = new byte[4 + in.readInt()];
                in.readFully(frame, 4, frame.length - 4);
                java.nio.ByteBuffer.wrap(frame).putInt(frame.length - 4);
                boolean answersSend = new String(frame, StandardCharsets.ISO_8859_1).contains("queueOffset");
                if (answersSend && toLose.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                    lost.incrementAndGet();
                    return;
                }
                out.write(frame);
            }
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void run(String name, Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException ended) {
                        // One of the two has gone, which is what relays see.
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        door.close();
    }
}
