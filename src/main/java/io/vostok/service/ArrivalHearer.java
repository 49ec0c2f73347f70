package io.vostok.service;

/** Is told of each round of dispatch. */
@FunctionalInterface
public interface ArrivalHearer {
    /**
     * Takes note of what has arrived. Dispatching thread.
     *
     * @return whether {@code arrivals} was kept and so must not be filled again
     */
    boolean tell(ArrivalBatch arrivals);
}
