package io.vostok.cli;

import picocli.CommandLine.Command;

@Command(description = "x")
final class DoctorCommand implements Runnable {
    @Override
    public void run() {}
}
